package dev.parley.net;

import dev.parley.net.transport.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The direction of a connection in which we receive: what holds it back, and how it ended. Used only on the loop's
 * thread.
 */
final class Input {
    /** The most reads of a broken connection: a receive buffer holds less than this many full reads. */
    private static final int LAST_READS_MAX = 256;

    private final Owner connection;
    private boolean pausedByUser;
    private boolean readsInSpiteOfPause;
    private boolean pausedByQueue;
    private boolean pausedByMemory;
    private boolean ended;
    private boolean endedFirst;
    private boolean probing;
    private boolean probedBytes;

    /** The connection that receives. */
    interface Owner {
        /** Returns the channel; null while there is none. */
        @Nullable
        Channel channel();

        ConnectionState state();

        /** Returns true if the connection is closing, and drops what its peer still sends. */
        boolean isLingering();
    }

    Input(Owner connection) {
        this.connection = connection;
    }

    // What holds it back.

    void pausedByUser(boolean paused) {
        pausedByUser = paused;
        update();
    }

    boolean isPausedByUser() {
        return pausedByUser;
    }

    /** Pauses while the peer does not take what it asked for. */
    void pausedByQueue(boolean paused) {
        if (pausedByQueue != paused) {
            pausedByQueue = paused;
            update();
        }
    }

    /** Pauses while the connection holds too much of the memory cap. */
    void pausedByMemory(boolean paused) {
        pausedByMemory = paused;
        update();
    }

    /** Returns true if we do not read, so that the peer's silence is our own doing. */
    boolean isHeldBackByUs() {
        return (pausedByUser || pausedByMemory) && !ended;
    }

    /** Reads or pauses, after anything has changed that reading depends on. */
    void update() {
        Channel open = connection.channel();
        ConnectionState state = connection.state();
        if (open != null && state != ConnectionState.CONNECTING && state != ConnectionState.CLOSED) {
            boolean isHeldBack = pausedByUser || pausedByQueue || pausedByMemory || state == ConnectionState.CLOSING;
            open.wantRead((connection.isLingering() || !isHeldBack) && !ended);
        }
    }

    /**
     * Returns the bytes that the channel holds: received, or still to be sent. A closed channel accounts for its last
     * bytes by itself.
     */
    long channelHeldBytes() {
        Channel open = connection.channel();
        return open == null || connection.state() == ConnectionState.CLOSED ? 0 : open.heldBytes();
    }

    // Its end.

    /** Takes note that the peer has ended. */
    void end(boolean first) {
        ended = true;
        endedFirst = first;
    }

    boolean hasEnded() {
        return ended;
    }

    /** {@return the close reason when both directions end: the side that ended first} */
    CloseReason closer() {
        return endedFirst ? CloseReason.PEER : CloseReason.LOCAL;
    }

    private boolean isLive() {
        return connection.state() != ConnectionState.CLOSED && !ended;
    }

    /** Lets the last reads ignore the user's pause: what is left is at most a receive buffer. */
    void readInSpiteOfPause() {
        readsInSpiteOfPause = true;
    }

    /** Reads what the peer had sent before the connection broke, which may still wait in the kernel. */
    void readLast(@Nullable Channel open) {
        boolean isHeldBack = pausedByUser && !readsInSpiteOfPause;
        if (open != null && connection.state() != ConnectionState.CLOSING && !isHeldBack) {
            boolean more = true;
            for (int left = LAST_READS_MAX; left > 0 && more && isLive(); left--) {
                more = open.readNow();
            }
        }
    }

    /** Returns true if the peer has sent what was not read; the bytes that it finds are lost. */
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

    /** Returns true while bytes are read only to see whether there are any. */
    boolean isProbing() {
        return probing;
    }

    void probed() {
        probedBytes |= probing;
    }
}
