package dev.parley.tests.connections;

import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The system's time with jumps: what a process sees that was stopped. */
final class JumpingTicker implements Ticker {
    private final AtomicLong jumpedNanos = new AtomicLong();

    /** Any thread. */
    void jump(Duration by) {
        jumpedNanos.addAndGet(by.toNanos());
    }

    @Override
    public long nanos() {
        return Ticker.SYSTEM.nanos() + jumpedNanos.get();
    }
}
