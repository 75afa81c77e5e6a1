package dev.parley.server;

import dev.parley.Message;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a server that asks for credentials on which none were accepted yet. They may be a part of all
 * connections, so that whoever shows nothing never takes the places of those who do. Any thread.
 */
public final class UnauthenticatedConnections {
    /** One in so many connections. */
    private static final int PART = 4;

    private final Map<ConnectionInfo, Session> sessions = new ConcurrentHashMap<>();

    /** A session whose client has shown no credentials yet. */
    interface Session {
        /** Takes note, on any thread, that the client's credentials were accepted. */
        void acceptedLater();
    }

    /** None yet. */
    public UnauthenticatedConnections() {}

    /** Whether no newcomer may be let in; where several loops ask at once, each may let one in. */
    boolean areTooMany(LoopConnection accepted) {
        return sessions.size() >= most(accepted);
    }

    /** Why a newcomer is not let in, for the log; null where it is. */
    public @Nullable String refusal(LoopConnection accepted) {
        return areTooMany(accepted)
                ? "on " + most(accepted) + " no credentials were accepted yet, which may be a quarter of all"
                : null;
    }

    /** What such a newcomer is told. */
    Message lastWords(LoopConnection accepted) {
        return ErrorResponses.noRoom(
                "the server has all the connections without accepted credentials that it may have, " + most(accepted));
    }

    private static int most(LoopConnection connection) {
        return Math.max(1, connection.loop().limits().connectionsMax() / PART);
    }

    void add(LoopConnection connection, Session session) {
        sessions.put(connection, session);
    }

    /** It is gone, or none any more. */
    void remove(LoopConnection connection) {
        sessions.remove(connection);
    }

    /** Its credentials were accepted, on the thread of a handler or of its loop. */
    public void accepted(ConnectionInfo connection) {
        Session session = sessions.remove(connection);
        if (session != null) {
            session.acceptedLater();
        }
    }
}
