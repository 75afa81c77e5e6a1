package dev.parley.server;

import dev.parley.link.MessageOutput;
import dev.parley.net.LoopConnection;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Limits a connection on which no credentials were accepted yet, if the server requires credentials: the time until the
 * peer must show them, and the requests and bytes that the peer may have until then. One request is handled at a time,
 * and no further request is read while the peer has not taken the responses. Runs on the loop's thread.
 */
final class AuthenticationLimits {
    /**
     * If at least this many bytes are queued, no further request is read. The last response may make the queue longer
     * than that, and a short error may follow it. Even then, at most 1 KiB is queued.
     */
    private static final int QUEUED_BYTES_HIGH = 256;

    private final LoopConnection connection;
    private final MessageOutput output;
    private final @Nullable UnauthenticatedConnections others;

    /**
     * Runs out when the time for the credentials is over. Null if the limits do not apply, or do not apply any more.
     */
    private @Nullable Timer timer;

    /**
     * Begins to limit the connection, if the server requires credentials.
     *
     * @param tooLong called with the reason in words when the time for the credentials is over
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

    /** Lifts the limits. Called when credentials were accepted; from then on, the connection has the usual limits. */
    void lift() {
        if (timer != null) {
            timer.cancel();
            timer = null;
            output.heldBackFrom(connection.loop().limits().queuedBytesHigh());
        }
    }

    /** Forgets the connection. Called when the connection is closed. */
    void close() {
        if (others != null) {
            others.remove(connection);
            lift();
        }
    }
}
