package dev.parley.uring;

/**
 * The way in which one connection receives: into which buffers, and whether one submission goes on receiving or takes
 * one buffer. It adapts to what has arrived. Used on the loop's thread.
 */
final class ReceiveMode {
    /** The number of bytes from which on a receive counts as large. */
    private static final int LARGE_BYTES = 8 * 1024;

    /** The number of small receives in a row after which the connection counts as one that receives little again. */
    private static final int SMALL_RECEIVES = 32;

    /** The number of small receives without a pause after which one submission may go on receiving again. */
    private static final int SMALL_UNPAUSED_RECEIVES = 32;

    private final UringCore core;

    /**
     * True until the first bytes: a peer that begins with megabytes would otherwise take the buffers of all others
     * before that is known.
     */
    private boolean first = true;

    private boolean large;
    private byte smallInARow;

    /**
     * While above 0, a receive takes one buffer, since one that goes on would bring megabytes before it is cancelled.
     */
    private byte singlesLeft;

    /** True if the receive that began last uses large buffers. */
    private boolean underWayIsLarge;

    private boolean underWayGoesOn;

    ReceiveMode(UringCore core) {
        this.core = core;
    }

    /** Begins a receive in the way that fits best now. */
    void begin() {
        underWayIsLarge = large;
        underWayGoesOn = !first && !large && singlesLeft == 0 && !core.isShortOfBuffers();
    }

    /** Returns the operation of the receive that began last. */
    Operation operation() {
        return underWayIsLarge ? Operation.RECEIVE_LARGE : Operation.RECEIVE;
    }

    /** Returns true if the receive that began last goes on after its first buffer. */
    boolean goesOn() {
        return underWayGoesOn;
    }

    /**
     * Notes how much a receive brought. After a large piece, the next receives use large buffers, one at a time, since
     * each fills a share of the turn; after enough small pieces, they use small buffers again.
     *
     * @return true if the receive that is under way should be cancelled
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
        if (nowLarge != large && (!nowLarge || core.hasLargeBuffers())) {
            large = nowLarge;
            return true;
        }
        return nowLarge && underWayGoesOn && core.isShortOfBuffers();
    }

    /** Notes that bytes arrived while reading was paused. */
    void cameUnwanted() {
        singlesLeft = SMALL_UNPAUSED_RECEIVES;
    }

    /** Notes that reading is paused. */
    void paused() {
        if (singlesLeft > 0) {
            singlesLeft = SMALL_UNPAUSED_RECEIVES;
        }
    }
}
