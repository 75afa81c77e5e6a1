package dev.parley.cli;

import dev.parley.net.Ticker;
import java.time.Duration;

/**
 * Lets so many lines pass in each span of time, and counts the others: who can make a server write a line must not fill
 * its disk. Any thread.
 */
final class Throttle {
    static final int LINES_MAX = 20;
    static final Duration SPAN = Duration.ofSeconds(10);

    private final Ticker ticker;
    private long spanStartNanos;
    private int lines;
    private long untold;

    Throttle(Ticker ticker) {
        this.ticker = ticker;
        this.spanStartNanos = ticker.nanos();
    }

    synchronized boolean allows() {
        long now = ticker.nanos();
        if (now - spanStartNanos >= SPAN.toNanos()) {
            spanStartNanos = now;
            lines = 0;
        }
        if (lines == LINES_MAX) {
            untold++;
            return false;
        }
        lines++;
        return true;
    }

    /** How many were refused since this was last asked. */
    synchronized long takeUntold() {
        long count = untold;
        untold = 0;
        return count;
    }
}
