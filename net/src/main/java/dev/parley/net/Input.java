package dev.parley.net;

import dev.parley.net.transport.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The receiving direction of a connection. Decides whether to read: reading pauses if the user asks for it, while the
 * peer does not take our bytes, or while the connection holds too much memory. It also records how the direction ended.
 * Used only on the loop's thread.
 */
final class Input {
    /** The maximum number of reads from a broken connection. A receive buffer holds less than this many full reads. */
    private static final int LAST_READS_MAX = 256;

    private final Context connection;
    private boolean pausedByUser;
    private boolean readsInSpiteOfPause;
    private boolean pausedByQueue;
    private boolean pausedByMemory;
    private boolean ended;
    private boolean endedFirst;
    private boolean probing;
    private boolean probedBytes;

    /** The connection that receives. */
    interface Context {
        /** Returns the channel; null while there is none. */
        @Nullable
        Channel channel();

        ConnectionState state();

        /** Returns true if the connection is closing, and drops the bytes that its peer still sends. */
        boolean isLingering();
    }

    Input(Context connection) {
        this.connection = connection;
    }

    // What pauses reading.

    void pausedByUser(boolean paused) {
        pausedByUser = paused;
        update();
    }

    boolean isPausedByUser() {
        return pausedByUser;
    }

    /** Pauses reading while the peer does not take the bytes that we send to it. */
    void pausedByQueue(boolean paused) {
        if (pausedByQueue != paused) {
            pausedByQueue = paused;
            update();
        }
    }

    /** Pauses reading while the connection holds too much of the memory cap. */
    void pausedByMemory(boolean paused) {
        pausedByMemory = paused;
        update();
    }

    /**
     * Returns true if the user or the memory cap has paused reading. Then the peer may have sent bytes that we do not
     * see.
     */
    boolean isHeldBackByUs() {
        return (pausedByUser || pausedByMemory) && !ended;
    }

    /** Starts or pauses reading. Called after each change of a condition that pauses reading. */
    void update() {
        Channel open = connection.channel();
        ConnectionState state = connection.state();
        if (open != null && state != ConnectionState.CONNECTING && state != ConnectionState.CLOSED) {
            boolean isHeldBack = pausedByUser || pausedByQueue || pausedByMemory || state == ConnectionState.CLOSING;
            open.wantRead((connection.isLingering() || !isHeldBack) && !ended);
        }
    }

    /**
     * Returns the number of bytes that the channel holds, because they were received but not passed on, or are still to
     * be sent. The number is 0 for a closed connection: the poller counts the last bytes of closed channels.
     */
    long channelHeldBytes() {
        Channel open = connection.channel();
        return open == null || connection.state() == ConnectionState.CLOSED ? 0 : open.heldBytes();
    }

    // The end of the direction.

    /** Records that the peer has ended its direction, and whether it did so before our side. */
    void end(boolean first) {
        ended = true;
        endedFirst = first;
    }

    boolean hasEnded() {
        return ended;
    }

    /** {@return the close reason if both directions have ended; it names the side that ended first} */
    CloseReason closer() {
        return endedFirst ? CloseReason.PEER : CloseReason.LOCAL;
    }

    private boolean isLive() {
        return connection.state() != ConnectionState.CLOSED && !ended;
    }

    /** Lets {@link #readLast} ignore the user's pause. At most one receive buffer is left to read. */
    void readInSpiteOfPause() {
        readsInSpiteOfPause = true;
    }

    /** Reads the bytes that the peer sent before the connection broke and that are still in the kernel. */
    void readLast(@Nullable Channel open) {
        boolean isHeldBack = pausedByUser && !readsInSpiteOfPause;
        if (open != null && connection.state() != ConnectionState.CLOSING && !isHeldBack) {
            boolean more = true;
            for (int left = LAST_READS_MAX; left > 0 && more && isLive(); left--) {
                more = open.readNow();
            }
        }
    }

    /**
     * Returns true if the peer has sent bytes that were not read. To find out, this method reads, and the bytes that it
     * reads are lost.
     */
    boolean kernelHasBytes() {
        Channel open = connection.channel();
        if (open == null || !isLive()) {
            return false;
        }
        probing = true;
        open.readNow();
        probing = false;
        return probedBytes;
    }

    /** Returns true while {@link #kernelHasBytes} reads, only to see whether there are any bytes. */
    boolean isProbing() {
        return probing;
    }

    void probed() {
        probedBytes |= probing;
    }
}
