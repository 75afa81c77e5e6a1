package dev.parley.tests.connections;

import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The system's time with jumps, as a process sees it that was stopped. */
final class JumpingTicker implements Ticker {
    private final AtomicLong jumpedNanos = new AtomicLong();

    /** Jumps ahead. Any thread may call this. */
    void jump(Duration by) {
        jumpedNanos.addAndGet(by.toNanos());
    }

    @Override
    public long nanos() {
        return Ticker.SYSTEM.nanos() + jumpedNanos.get();
    }
}
