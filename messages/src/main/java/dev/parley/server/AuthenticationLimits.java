package dev.parley.server;

import dev.parley.link.MessageOutput;
import dev.parley.net.LoopConnection;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a connection on which no credentials were accepted yet, if the server asks for any: the time that the
 * peer may take to show them, and what it may use until then. One request is handled at a time, and no further one is
 * read while responses wait for the peer to take them. Runs on the loop's thread.
 */
final class AuthenticationLimits {
    /**
     * The queued bytes from which no further request is read. With the response that exceeds them, and the short error
     * that we may have to send ourselves, 1 KiB at most is queued.
     */
    private static final int QUEUED_BYTES_HIGH = 256;

    private final LoopConnection connection;
    private final MessageOutput output;
    private final @Nullable UnauthenticatedConnections others;

    /** Null if the limits do not apply, or do not apply any more. */
    private @Nullable Timer timer;

    /**
     * Begins to limit the connection, if the server asks for credentials.
     *
     * @param tooLong is called with the reason in words when the time is over
     */
    AuthenticationLimits(
            LoopConnection connection,
            ServerSettings settings,
            MessageOutput output,
            UnauthenticatedConnections.Session session,
            Consumer<String> tooLong) {
        this.connection = connection;
        this.output = output;
        this.others = settings.unauthenticated();
        if (others != null) {
            others.add(connection, session);
            output.heldBackFrom(QUEUED_BYTES_HIGH);
            var time = settings.limits().headerTimeout();
            String why = "no credentials were accepted within " + Durations.text(time) + " of the connection's opening";
            timer = connection.loop().scheduleResponsive(time, () -> tooLong.accept(why));
        }
    }

    /** Returns true until credentials were accepted. */
    boolean areInForce() {
        return timer != null;
    }

    /** Lifts the limits: from here on the connection may have what all others have. */
    void lift() {
        if (timer != null) {
            timer.cancel();
            timer = null;
            output.heldBackFrom(connection.loop().limits().queuedBytesHigh());
        }
    }

    /** Forgets the connection, which is closed. */
    void close() {
        if (others != null) {
            others.remove(connection);
            lift();
        }
    }
}
