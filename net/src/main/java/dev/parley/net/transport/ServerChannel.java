package dev.parley.net.transport;

import java.net.SocketAddress;

/**
 * A server channel is a bound endpoint that listens. Any thread may make it; then it is given to one poller, and used
 * on that loop's thread.
 */
public interface ServerChannel {
    /** {@return where it listens, with the real port; any thread} */
    SocketAddress localAddress();

    /** {@return what has become of the file by which clients find this endpoint; the loop's thread} */
    default EndpointFile file() {
        return EndpointFile.NONE;
    }

    /**
     * Sets whether to accept; on from registration. While it is off, new connections wait in the system's backlog
     * (listen(2)).
     *
     * @param wanted harmless if it is so already, or the channel is closed
     */
    void wantAccept(boolean wanted);

    /**
     * Makes another handle on this endpoint, for the poller of a further loop; each new connection goes to one of them.
     * Closing it takes that loop away and leaves the endpoint to the others. Any thread.
     *
     * @return to be registered with another poller, and closed before this one
     * @throws UnsupportedOperationException if the transport can listen with one loop only
     */
    ServerChannel share();

    /**
     * Stops listening and frees the endpoint. Harmless when closed before; any thread while not registered, then the
     * loop's.
     */
    void close();
}
