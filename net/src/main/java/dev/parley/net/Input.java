package dev.parley.net;

import dev.parley.net.transport.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The direction of a connection in which we receive: who holds it back, and how it ended. Used on the loop's thread
 * alone.
 */
final class Input {
    /** How often a broken connection is read: a receive buffer holds less than so many full reads. */
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

    // Who holds it back.

    void pausedByUser(boolean paused) {
        pausedByUser = paused;
        update();
    }

    boolean isPausedByUser() {
        return pausedByUser;
    }

    /** The peer does not take what it asked for. */
    void pausedByQueue(boolean paused) {
        if (pausedByQueue != paused) {
            pausedByQueue = paused;
            update();
        }
    }

    /** It holds more than is free for all. */
    void pausedByMemory(boolean paused) {
        pausedByMemory = paused;
        update();
    }

    /** Whether the silence of the peer is our own doing. */
    boolean isHeldBackByUs() {
        return (pausedByUser || pausedByMemory) && !ended;
    }

    /** After anything has changed that reading depends on. */
    void update() {
        Channel open = connection.channel();
        ConnectionState state = connection.state();
        if (open != null && state != ConnectionState.CONNECTING && state != ConnectionState.CLOSED) {
            boolean isHeldBack = pausedByUser || pausedByQueue || pausedByMemory || state == ConnectionState.CLOSING;
            open.wantRead((connection.isLingering() || !isHeldBack) && !ended);
        }
    }

    /** What has come, or waits to leave, below us; a channel that is closed sees to its last bytes by itself. */
    long channelHeldBytes() {
        Channel open = connection.channel();
        return open == null || connection.state() == ConnectionState.CLOSED ? 0 : open.heldBytes();
    }

    // Its end.

    /** The peer has ended; whether it did so before us. */
    void end(boolean first) {
        ended = true;
        endedFirst = first;
    }

    boolean hasEnded() {
        return ended;
    }

    /** {@return who closes, where both do} */
    CloseReason closer() {
        return endedFirst ? CloseReason.PEER : CloseReason.LOCAL;
    }

    private boolean isLive() {
        return connection.state() != ConnectionState.CLOSED && !ended;
    }

    /** The bytes that are left are few enough to take all of them: a receive buffer holds no more. */
    void readInSpiteOfPause() {
        readsInSpiteOfPause = true;
    }

    /** What the peer had said before the connection broke may still wait in the kernel. */
    void readLast(@Nullable Channel open) {
        boolean isHeldBack = pausedByUser && !readsInSpiteOfPause;
        if (open != null && connection.state() != ConnectionState.CLOSING && !isHeldBack) {
            boolean more = true;
            for (int left = LAST_READS_MAX; left > 0 && more && isLive(); left--) {
                more = open.readNow();
            }
        }
    }

    /** Whether the peer has sent what nobody has read; what there is gets lost. */
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

    /** Whether what comes now is only looked at. */
    boolean isProbing() {
        return probing;
    }

    void probed() {
        probedBytes |= probing;
    }
}
