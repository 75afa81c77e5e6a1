package dev.parley.server;

import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the server ends though its client has done nothing wrong: the server drains, or the client has been
 * idle for long. A request may be on its way at that moment. A client that knows our controls is told {@code
 * going-away}, and what it still sends is refused as not processed, so that it may send it again; it ends the
 * connection itself. One that does not, such as a process that is stopped, holds nothing up: after a second in which
 * nothing is under way the server ends its own direction. Runs on the loop's thread.
 */
final class GoingAway {
    /** Longer than a request is on its way, and a client needs to answer. */
    static final Duration CROSSING = Duration.ofSeconds(1);

    private final LoopConnection connection;
    private final MessageOutput output;
    private final Runnable changed;
    private @Nullable CloseReason reason;
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
    }

    /** The client knows our controls: it is told, once. */
    void tell() {
        if (!told) {
            told = true;
            output.put(ControlFrames.of(ControlFrames.GOING_AWAY, Header.NO_ID));
        }
    }

    /**
     * Nothing is under way. Why the connection is closed now; null if the client may still have something on its way,
     * in which case the session is told of a change later.
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

    /** The client has ended its direction, and has all its answers. */
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
