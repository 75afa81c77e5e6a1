package dev.parley.server;

import dev.parley.Message;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The connections on which no credentials were accepted yet, for a server that requires credentials, and the limit on
 * their number. They may be only a part of all connections, so that clients without credentials never take all places.
 * Any thread may use it.
 */
public final class UnauthenticatedConnections {
    /** One in this many of all connections may be unauthenticated. */
    private static final int PART = 4;

    private final Map<ConnectionInfo, Session> sessions = new ConcurrentHashMap<>();

    /** A session on which no credentials were accepted yet. */
    interface Session {
        /** Called on any thread when the client's credentials were accepted. */
        void acceptedLater();
    }

    /** Makes an empty set. */
    public UnauthenticatedConnections() {}

    /**
     * Returns true if no further connection may be accepted. If several loops ask at the same time, each may accept one
     * more.
     */
    boolean areTooMany(LoopConnection accepted) {
        return sessions.size() >= most(accepted);
    }

    /** Returns a text for the log that says why a connection is rejected, or null if the connection is accepted. */
    public @Nullable String refusal(LoopConnection accepted) {
        return areTooMany(accepted)
                ? most(accepted) + " have no accepted credentials yet, which is the limit, a quarter of all"
                : null;
    }

    /** Returns the last message to a connection that is rejected because of this limit. */
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

    /**
     * Removes a connection that was closed. Has no effect if the connection was removed before, when its credentials
     * were accepted.
     */
    void remove(LoopConnection connection) {
        sessions.remove(connection);
    }

    /** Called on the thread of a handler or of the loop when credentials on a connection were accepted. */
    public void accepted(ConnectionInfo connection) {
        Session session = sessions.remove(connection);
        if (session != null) {
            session.acceptedLater();
        }
    }
}
