package dev.parley.net.accept;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds how many handshakes may be under way at one endpoint, in all loops that accept there. Any thread may use it.
 */
public final class HandshakeLimit {
    private final int max;
    private final AtomicInteger count = new AtomicInteger();

    /**
     * Makes a limit.
     *
     * @param max how many handshakes may be under way; if one more begins, the oldest ends. At least 1 is allowed
     */
    public HandshakeLimit(int max) {
        this.max = Math.max(1, max);
    }

    int max() {
        return max;
    }

    /** Counts one more. Returns true if that is more than the maximum. */
    boolean exceededByOneMore() {
        return count.incrementAndGet() > max;
    }

    void oneLess() {
        count.decrementAndGet();
    }
}
