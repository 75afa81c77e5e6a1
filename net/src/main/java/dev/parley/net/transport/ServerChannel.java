package dev.parley.net.transport;

import java.net.SocketAddress;

/** A bound endpoint that listens. Made on any thread, then given to one poller and used on its loop's thread. */
public interface ServerChannel {
    /** Where it listens, with the real port. */
    SocketAddress localAddress();

    /** Whether to accept; on from registration. Off, newcomers wait in the system's backlog. */
    void wantAccept(boolean wanted);

    /**
     * Another handle on this endpoint, for the poller of a further loop; a newcomer goes to one of them. Closing it
     * takes that loop away and leaves the endpoint to the others.
     *
     * @throws UnsupportedOperationException where the transport can listen with one loop only
     */
    ServerChannel share();

    /** Stops listening and frees the endpoint. Harmless when closed before; any thread while not registered. */
    void close();
}
