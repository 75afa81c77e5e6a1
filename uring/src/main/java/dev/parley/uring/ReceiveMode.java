package dev.parley.uring;

/**
 * Decides how one connection receives: into small or large buffers, and whether one submission goes on receiving or
 * takes only one buffer. The decision depends on the sizes of the receives so far. Used on the loop's thread.
 */
final class ReceiveMode {
    /** A receive of at least this many bytes counts as large. */
    private static final int LARGE_BYTES = 8 * 1024;

    /** The number of small receives in a row after which a connection uses small buffers again. */
    private static final int SMALL_RECEIVES = 32;

    /**
     * The number of small receives, without a pause of reading, after which one submission may go on receiving again.
     */
    private static final int SMALL_UNPAUSED_RECEIVES = 32;

    private final UringCore core;

    /**
     * True until the first bytes have arrived, so the first receive takes only one buffer. Otherwise, a peer that
     * begins with megabytes would take the buffers of all other connections before this class knows how much that peer
     * sends.
     */
    private boolean first = true;

    private boolean large;
    private byte smallInARow;

    /**
     * The number of small receives after which one submission may go on receiving again. While it is above 0, each
     * receive takes only one buffer, because a receive that goes on could bring megabytes before it is cancelled.
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
     * Records the size of a receive. After a large receive, the next receives use large buffers. Each of them takes
     * only one buffer, because one large buffer already fills the connection's share of the turn. After {@link
     * #SMALL_RECEIVES} small receives in a row, the next receives use small buffers again.
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

    /**
     * Called when bytes have arrived that could not be passed on, because reading is paused or the connection has used
     * up its share.
     */
    void receivedUnwanted() {
        singlesLeft = SMALL_UNPAUSED_RECEIVES;
    }

    /** Called when reading is paused. */
    void paused() {
        if (singlesLeft > 0) {
            singlesLeft = SMALL_UNPAUSED_RECEIVES;
        }
    }
}
