package dev.parley.net.transport;

import java.net.SocketAddress;

/** A bound endpoint that listens. Made on any thread, then given to one poller and used on its loop's thread. */
public interface ServerChannel {
    /** Where it listens, with the real port. */
    SocketAddress localAddress();

    /** Whether to accept; on from registration. Off, newcomers wait in the system's backlog. */
    void wantAccept(boolean wanted);

    /** Stops listening and frees the endpoint. Harmless when closed before; any thread while not registered. */
    void close();
}
