package dev.parley.cli;

import dev.parley.net.time.Ticker;
import java.time.Duration;

/**
 * Limits the number of lines that are printed: 20 in 10 seconds. It counts the lines that are not printed. Without this
 * limit, a peer that can make a server print a line could fill the disk. Any thread may use it.
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

    /** Returns the number of lines that were not printed since the last call of this method. */
    synchronized long takeUntold() {
        long count = untold;
        untold = 0;
        return count;
    }
}
