package dev.parley.uring;

/**
 * How one connection receives: into which buffers, and whether a submission goes on receiving or takes one buffer. It
 * follows what has come. The loop's thread.
 */
final class ReceiveMode {
    /** A receive that brings so much is a large one. */
    private static final int LARGE_BYTES = 8 * 1024;

    /** So many small ones in a row, and the connection is one that receives little again. */
    private static final int SMALL_RECEIVES = 32;

    /** So many small ones without a pause, and one submission may go on receiving again. */
    private static final int SMALL_UNPAUSED_RECEIVES = 32;

    private final UringPoller poller;

    /** Whoever comes with megabytes would have taken the buffers of all others before that is known. */
    private boolean first = true;

    private boolean large;
    private byte smallInARow;

    /** While above 0, a receive takes one buffer: one that goes on brings megabytes before it has been cancelled. */
    private byte singlesLeft;

    /** Of the receive that is under way, or was the last. */
    private boolean underWayIsLarge;

    private boolean underWayGoesOn;

    ReceiveMode(UringPoller poller) {
        this.poller = poller;
    }

    /** A receive begins, as it is best now. */
    void begin() {
        underWayIsLarge = large;
        underWayGoesOn = !first && !large && singlesLeft == 0 && !poller.isShortOfBuffers();
    }

    /** Of the receive that began last. */
    Operation operation() {
        return underWayIsLarge ? Operation.RECEIVE_LARGE : Operation.RECEIVE;
    }

    /** Whether the receive that began last goes on after its first buffer. */
    boolean goesOn() {
        return underWayGoesOn;
    }

    /**
     * What comes in large pieces goes into buffers of its own from the next receive on, one at a time, since each is a
     * share of the turn; and what comes in small ones again after some of these.
     *
     * @return whether the receive that is under way had better end
     */
    boolean received(int bytes) {
        first = false;
        if (bytes >= LARGE_BYTES) {
            smallInARow = 0;
        } else if (large) {
            smallInARow++;
        }
        if (bytes < LARGE_BYTES && singlesLeft > 0) {
            singlesLeft--;
        }
        boolean nowLarge = bytes >= LARGE_BYTES || large && smallInARow < SMALL_RECEIVES;
        if (nowLarge != large && (!nowLarge || poller.hasLargeBuffers())) {
            large = nowLarge;
            return true;
        }
        return nowLarge && underWayGoesOn && poller.isShortOfBuffers();
    }

    /** Bytes came that nobody wants now. */
    void cameUnwanted() {
        singlesLeft = SMALL_UNPAUSED_RECEIVES;
    }

    /** Nothing is wanted for a while. */
    void paused() {
        if (singlesLeft > 0) {
            singlesLeft = SMALL_UNPAUSED_RECEIVES;
        }
    }
}
