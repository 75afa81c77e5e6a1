package dev.parley.uring;

import dev.parley.net.transport.Channel;

/**
 * Decides how long a closed connection may try to send its last bytes: until its peer has taken none of them for {@link
 * UringCore#CLOSING_TIMEOUT_SECONDS}. The layers above no longer watch these bytes. Used on the loop's thread.
 */
final class ClosingTimeout {
    private final UringCore core;
    private final RingHandle handle;
    private boolean running;
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
            unsentBytes = nowUnsentBytes;
            handle.began();
            Submissions.timeout(core.ring(), core.closingTimeout(), Operation.PATIENCE.tag(handle.number()));
        }
    }

    /**
     * Called when a period has ended or was cancelled. Starts another period if the peer has taken bytes.
     *
     * @return true if the connection must be given up
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
