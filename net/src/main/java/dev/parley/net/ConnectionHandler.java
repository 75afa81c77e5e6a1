package dev.parley.net;

/**
 * Your side of a connection on a virtual thread of its own; it may block. One handler serves many connections at once.
 *
 * {@snippet :
 * ConnectionHandler echo = connection -> connection.in().transferTo(connection.out());
 * }
 */
@FunctionalInterface
public interface ConnectionHandler {
    /**
     * Talks to one peer. The connection is closed when this returns.
     *
     * @param connection open, and this handler's alone
     * @throws Exception whatever goes wrong: the connection is then closed with {@link CloseReason#FAILED}, unless it
     *     was closed already, and no other connection notices
     */
    void serve(Connection connection) throws Exception;
}
