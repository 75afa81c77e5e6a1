package dev.parley.server;

import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.time.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection whose client has done nothing wrong: the server drains, or the client has been idle for long. A
 * request may be on its way at that moment. A client that knows our controls is sent {@code going-away}, and what it
 * still sends is refused as not processed, so that it may send it again; the client ends the connection itself. A
 * client that does not, such as a process that is stopped, holds nothing up: after a second in which nothing is under
 * way, the server ends its own direction. Runs on the loop's thread.
 */
final class GoingAway {
    /** A time that is longer than a request is on its way and a client needs to respond. */
    static final Duration CROSSING = Duration.ofSeconds(1);

    private final LoopConnection connection;
    private final MessageOutput output;
    private final Runnable changed;
    private @Nullable CloseReason reason;

    /** True if the peer has shown a key of ours, and so may be sent a control. */
    private boolean peerIsFull;

    private boolean told;
    private boolean crossed;
    private @Nullable Timer timer;

    GoingAway(LoopConnection connection, MessageOutput output, Runnable changed) {
        this.connection = connection;
        this.output = output;
        this.changed = changed;
    }

    boolean hasBegun() {
        return reason != null;
    }

    void begin(CloseReason why) {
        if (reason == null) {
            reason = why;
        }
        tellIfDue();
    }

    /** Returns true if the client knows our controls; another would take one for a response. */
    boolean peerIsFull() {
        return peerIsFull;
    }

    /** Takes note that the client knows our controls. */
    void peerShowedKey() {
        if (!peerIsFull) {
            peerIsFull = true;
            tellIfDue();
        }
    }

    /** Sends {@code going-away}, once. */
    private void tellIfDue() {
        if (peerIsFull && reason != null && !told) {
            told = true;
            output.put(ControlFrames.of(ControlFrames.GOING_AWAY, Header.NO_ID));
        }
    }

    /**
     * Returns why the connection is to be closed now, when nothing is under way. Returns null if it need not end, or if
     * the client may still have something on its way; in that case the session is notified of a change later.
     */
    @Nullable
    CloseReason reasonIfDue() {
        if (reason == null || !told || crossed) {
            return reason;
        }
        if (timer == null) {
            timer = connection.loop().schedule(CROSSING, () -> {
                crossed = true;
                changed.run();
            });
        }
        return null;
    }

    /** Closes the connection, as the client has ended its direction and has all its responses. */
    void close() {
        if (reason == null) {
            connection.close();
        } else {
            connection.close(reason);
        }
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
        }
    }
}
