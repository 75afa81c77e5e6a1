package dev.parley.uring;

import dev.parley.net.transport.Channel;

/**
 * The limit on how long a closed connection may still try to send its last bytes: it may go on as long as its peer
 * takes some of the rest within each {@link UringCore#CLOSING_TIMEOUT_SECONDS}. The layers above no longer watch those bytes. Used on the loop's thread.
 */
final class ClosingTimeout {
    private final UringCore core;
    private final RingHandle handle;
    private boolean running;
    private long unsentBytes;

    /** Makes the limit for the handle of one connection. */
    ClosingTimeout(UringCore core, RingHandle handle) {
        this.core = core;
        this.handle = handle;
    }

    /** Starts a period, unless one is running. */
    void start(long nowUnsentBytes) {
        if (!running) {
            running = true;
            unsentBytes = nowUnsentBytes;
            handle.began();
            Submissions.timeout(core.ring(), core.closingTimeout(), Operation.PATIENCE.tag(handle.number()));
        }
    }

    /**
     * Notes that the period has ended or was cancelled, and starts another if the peer has taken bytes.
     *
     * @return true if the connection is to be given up
     */
    boolean isOver(long nowUnsentBytes) {
        if (!running) {
            return false;
        }
        running = false;
        boolean hasMoved = nowUnsentBytes != Channel.UNKNOWN && nowUnsentBytes < unsentBytes;
        if (hasMoved) {
            start(nowUnsentBytes);
        }
        return !hasMoved;
    }

    void end() {
        if (running) {
            running = false;
            Submissions.removeTimeout(core.ring(), Operation.PATIENCE.tag(handle.number()));
        }
    }
}
