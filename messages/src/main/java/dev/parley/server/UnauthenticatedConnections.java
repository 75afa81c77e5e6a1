package dev.parley.server;

import dev.parley.Message;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a server that asks for credentials on which none were accepted yet. They may be only a part of all
 * connections, so that clients that show nothing never take the places of those that do. Any thread may use this.
 */
public final class UnauthenticatedConnections {
    /** The part of all connections that they may be: one in this many. */
    private static final int PART = 4;

    private final Map<ConnectionInfo, Session> sessions = new ConcurrentHashMap<>();

    /** A session whose client has shown no credentials yet. */
    interface Session {
        /** Takes note, on any thread, that the client's credentials were accepted. */
        void acceptedLater();
    }

    /** Starts without any connection. */
    public UnauthenticatedConnections() {}

    /** Returns true if no further connection may be accepted. If several loops ask at once, each may accept one. */
    boolean areTooMany(LoopConnection accepted) {
        return sessions.size() >= most(accepted);
    }

    /** Returns why a connection is rejected, for the log; null if it is accepted. */
    public @Nullable String refusal(LoopConnection accepted) {
        return areTooMany(accepted)
                ? most(accepted) + " have no accepted credentials yet, which is the limit, a quarter of all"
                : null;
    }

    /** Returns the last message to a connection that is rejected for that. */
    Message lastWords(LoopConnection accepted) {
        return ErrorResponses.noRoom(
                "the server has reached its limit of connections without accepted credentials, " + most(accepted));
    }

    private static int most(LoopConnection connection) {
        return Math.max(1, connection.loop().limits().connectionsMax() / PART);
    }

    void add(LoopConnection connection, Session session) {
        sessions.put(connection, session);
    }

    /** Removes a connection that is closed, unless it was removed when its credentials were accepted. */
    void remove(LoopConnection connection) {
        sessions.remove(connection);
    }

    /** Takes note that the credentials on a connection were accepted, on the thread of a handler or of its loop. */
    public void accepted(ConnectionInfo connection) {
        Session session = sessions.remove(connection);
        if (session != null) {
            session.acceptedLater();
        }
    }
}
