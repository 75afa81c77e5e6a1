package dev.parley.server;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What a server counts over all its connections; any thread. */
public final class ServerCounters {
    /** Requests that a handler was given. */
    public final LongAdder requests = new LongAdder();

    /** Messages that were cut off by the end of their connection. */
    public final LongAdder truncated = new LongAdder();

    /** Control messages of names that this version does not know. */
    public final LongAdder ignoredControls = new LongAdder();

    /** Handlers that run on virtual threads now. */
    public final AtomicInteger handlers = new AtomicInteger();

    /** All zero. */
    public ServerCounters() {}
}
