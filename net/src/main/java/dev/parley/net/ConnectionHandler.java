package dev.parley.net;

/** Your side of a connection on a virtual thread of its own; it may block. */
@FunctionalInterface
public interface ConnectionHandler {
    /**
     * Talks to one peer. The connection is closed when this returns.
     *
     * @throws Exception whatever goes wrong: the connection is then closed with {@link CloseReason#FAILED}, unless it
     *     was closed already, and no other connection notices
     */
    void serve(Connection connection) throws Exception;
}
