package dev.parley.net.tls;

import dev.parley.net.transport.ThreadPriorities;
import java.util.concurrent.atomic.AtomicInteger;

/** A provider that fails, as one that lacks native access or memory might. */
public final class ThrowingPriorities implements ThreadPriorities {
    static final AtomicInteger CALLS = new AtomicInteger();

    /** Called by {@link java.util.ServiceLoader}. */
    public ThrowingPriorities() {}

    @Override
    public void lower() {
        CALLS.incrementAndGet();
        throw new LinkageError("the priority cannot be lowered");
    }
}
