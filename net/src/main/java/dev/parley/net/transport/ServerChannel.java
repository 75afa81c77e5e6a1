package dev.parley.net.transport;

import java.io.UncheckedIOException;
import java.net.SocketAddress;

/**
 * A server channel is a bound endpoint that listens. Any thread may create it. Then it is registered with one poller,
 * and used on the thread of that poller's loop.
 */
public interface ServerChannel {
    /** {@return the address on which it listens, with the real port} Any thread may call this method. */
    SocketAddress localAddress();

    /** {@return the state of the file by which clients find this endpoint} Called on the loop's thread. */
    default EndpointFile file() {
        return EndpointFile.NONE;
    }

    /**
     * Sets whether to accept connections. From registration on, they are accepted. While they are not accepted, new
     * connections wait in the system's backlog (listen(2)).
     *
     * @param wanted true to accept; no effect if the value is already set, or the channel is closed
     */
    void wantAccept(boolean wanted);

    /**
     * Creates another channel for this endpoint, for the poller of another loop. Each new connection goes to one of the
     * channels. If the other channel is closed, its loop accepts no more connections, and the endpoint stays open for
     * the remaining channels. Any thread may call this method.
     *
     * @return the other channel; register it with another poller. It may be closed before or after this channel
     * @throws UnsupportedOperationException if the transport can listen with one loop only
     * @throws UncheckedIOException if the system refuses, most often because the process has no file descriptor left
     */
    ServerChannel share();

    /**
     * Stops listening and frees the endpoint. No effect if the channel is already closed. Any thread may call this
     * method before the channel is registered; after that, only the loop's thread.
     */
    void close();
}
