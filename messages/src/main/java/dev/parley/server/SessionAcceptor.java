package dev.parley.server;

import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Gives each accepted connection a session of its own, or turns the connection away. Runs on the loop's thread. */
public record SessionAcceptor(ServerSettings settings, Sessions sessions) implements Receiver {
    @Override
    public void opened(LoopConnection connection) {
        connection.receiver(new ServerSession(settings, sessions, connection));
    }

    @Override
    public @Nullable String refusal(LoopConnection connection) {
        UnauthenticatedConnections unauthenticated = settings.unauthenticated();
        return unauthenticated == null ? null : unauthenticated.refusal(connection);
    }

    @Override
    public ByteBuffer turnedAway(LoopConnection connection) {
        return Sessions.lastWords(connection, settings);
    }

    @Override
    public void bytes(LoopConnection connection, ByteBuffer bytes) {
        connection.closeWithoutLingering(CloseReason.FAILED);
    }
}
