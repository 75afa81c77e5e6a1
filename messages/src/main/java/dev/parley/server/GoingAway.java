package dev.parley.server;

import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection without an error, because the server drains, or the client has been idle for long. A request may be
 * on its way at that moment, and must not be lost. So a client that knows our controls gets {@code going-away}, and is
 * expected to end the connection itself. Requests that it still sends are refused as not processed, so it may send them
 * again on another connection. If the client does not end the connection, for example because its process is stopped,
 * the server ends its own direction, after one second in which nothing is under way. Runs on the loop's thread.
 */
final class GoingAway {
    /**
     * The time to wait for requests that are on their way, and for the client's reaction. It is longer than either
     * usually takes.
     */
    static final Duration CROSSING = Duration.ofSeconds(1);

    private final LoopConnection connection;
    private final MessageOutput output;
    private final Runnable changed;
    private @Nullable CloseReason reason;

    /** True if the peer has sent a key of our protocol, so that we may send it a control. */
    private boolean peerIsFull;

    private boolean told;
    private boolean crossed;
    private @Nullable Timer timer;
    private @Nullable Timer ageTimer;

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
        notifyIfDue();
    }

    /** Returns true if the client knows our controls. Any other client would mistake a control for a response. */
    boolean peerIsFull() {
        return peerIsFull;
    }

    /** Called when the client has sent a key of our protocol, so it knows our controls. */
    void peerShowedKey() {
        if (!peerIsFull) {
            peerIsFull = true;
            notifyIfDue();
        }
    }

    /** Sends {@code going-away}, once. */
    private void notifyIfDue() {
        if (peerIsFull && reason != null && !told) {
            told = true;
            output.put(ControlFrames.of(ControlFrames.GOING_AWAY, Header.NO_ID));
        }
    }

    /**
     * Returns the reason why the connection must be closed now. Called when nothing is under way. Returns null if the
     * connection need not end. Also returns null if a request of the client may still be on its way; in that case the
     * session is notified later.
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

    /** Closes the connection. Called when the client has ended its direction and has all its responses. */
    void close() {
        if (reason == null) {
            connection.close();
        } else {
            connection.close(reason);
        }
    }

    /**
     * Calls the task when the connection has this age and a tenth of it at most, if the client knows our controls. The
     * tenth spreads the ends of connections whose ids follow each other.
     *
     * @param ageMax zero means never
     */
    void whenOld(Duration ageMax, Runnable depart) {
        if (!ageMax.isZero()) {
            long ageMaxNanos = Durations.nanos(ageMax);
            var age = Duration.ofNanos(ageMaxNanos + ageMaxNanos / 1_000 * (connection.id() % 100));
            ageTimer = connection.loop().schedule(age, () -> {
                if (peerIsFull) {
                    depart.run();
                }
            });
        }
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
        }
        if (ageTimer != null) {
            ageTimer.cancel();
        }
    }
}
