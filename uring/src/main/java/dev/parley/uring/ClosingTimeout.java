package dev.parley.uring;

import dev.parley.net.transport.Channel;

/**
 * Decides how long a closed connection may try to send its last bytes: until its peer has taken none of them for a
 * period of {@link UringCore#CLOSING_TIMEOUT_SECONDS}, or too few of them for all periods so far. Otherwise a peer that
 * takes a byte now and then would hold a descriptor and a buffer without end. The layers above no longer watch these
 * bytes. Used on the loop's thread.
 */
final class ClosingTimeout {
    /** The maximum number of periods for few bytes: in each of them, the peer must take its part, on average. */
    private static final int PERIODS = 8;

    /** A peer that takes this many bytes in a period, on average, is fast enough, however many bytes are left. */
    private static final long ENOUGH_BYTES = 16 * 1024;

    private final UringCore core;
    private final RingHandle handle;
    private boolean running;
    private int periods;
    private long firstUnsentBytes;
    private long unsentBytes;

    /** Creates the timeout for the handle of one connection. */
    ClosingTimeout(UringCore core, RingHandle handle) {
        this.core = core;
        this.handle = handle;
    }

    /** Starts a period, unless one is running. */
    void start(long nowUnsentBytes) {
        if (!running) {
            running = true;
            if (periods == 0) {
                firstUnsentBytes = nowUnsentBytes;
            }
            unsentBytes = nowUnsentBytes;
            handle.began();
            Submissions.timeout(core.ring(), core.closingTimeout(), Operation.PATIENCE.tag(handle.number()));
        }
    }

    /**
     * Called when a period has ended or was cancelled. Starts another period if the peer has taken enough bytes.
     *
     * @return true if the connection must be given up
     */
    boolean isOver(long nowUnsentBytes) {
        if (!running) {
            return false;
        }
        running = false;
        periods++;
        boolean hasMoved = nowUnsentBytes != Channel.UNKNOWN && nowUnsentBytes < unsentBytes;
        boolean goesOn = hasMoved && firstUnsentBytes - nowUnsentBytes >= periods * leastBytes();
        if (goesOn) {
            start(nowUnsentBytes);
        }
        return !goesOn;
    }

    /** Returns the minimum number of bytes that the peer must take in each period, on average. */
    private long leastBytes() {
        return Math.min(Math.ceilDiv(firstUnsentBytes, PERIODS), ENOUGH_BYTES);
    }

    void end() {
        if (running) {
            running = false;
            Submissions.removeTimeout(core.ring(), Operation.PATIENCE.tag(handle.number()));
        }
    }
}
