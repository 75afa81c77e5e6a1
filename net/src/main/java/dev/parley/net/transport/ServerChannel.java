package dev.parley.net.transport;

import java.net.SocketAddress;

/** A bound endpoint that listens. Made on any thread, then given to one poller and used on its loop's thread. */
public interface ServerChannel {
    /** {@return where it listens, with the real port; any thread} */
    SocketAddress localAddress();

    /** {@return what has become of the file by which clients find this endpoint; the loop's thread} */
    default EndpointFile file() {
        return EndpointFile.NONE;
    }

    /**
     * Says whether to accept; on from registration. Off, newcomers wait in the system's backlog (listen(2)).
     *
     * @param wanted harmless where it is so already, or the channel is closed
     */
    void wantAccept(boolean wanted);

    /**
     * Another handle on this endpoint, for the poller of a further loop; a newcomer goes to one of them. Closing it
     * takes that loop away and leaves the endpoint to the others. Any thread.
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
