package dev.parley.net;

/**
 * A connection handler serves a connection on a virtual thread of its own; it may block. One handler serves many
 * connections at once.
 *
 * {@snippet :
 * ConnectionHandler echo = connection -> connection.in().transferTo(connection.out());
 * }
 */
@FunctionalInterface
public interface ConnectionHandler {
    /**
     * Serves one connection, which is closed when this returns.
     *
     * @param connection open, and used by this call only
     * @throws Exception whatever goes wrong: the connection is then closed with {@link CloseReason#FAILED}, unless it
     *     was closed already, and no other connection notices
     */
    void serve(Connection connection) throws Exception;
}
