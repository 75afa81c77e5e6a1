package dev.parley.net.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/** An accept sink is called by a server channel when peers connect, on the loop's thread only. */
public interface AcceptSink {
    /**
     * The maximum number of connections that a server channel accepts in one turn of the loop, so that many new peers
     * do not hold up the peers that are already connected.
     */
    int ACCEPTS_PER_TURN = 16;

    /**
     * Called when a connection was accepted (accept(2)) from a socket that several loops may share. The sink decides
     * which loop gets the connection, and calls {@link AcceptedSocket#join} now or on the thread of that loop. A server
     * channel that cannot pass connections to other loops calls {@link #accepted} instead.
     *
     * @param acceptedSocket the connection, which must join a loop or be refused
     */
    void acceptedSocket(AcceptedSocket acceptedSocket);

    /**
     * Called when an accepted connection has become a channel of this loop.
     *
     * @param channel the open channel, which is not read yet
     * @return the sink that the channel calls from now on
     */
    ChannelSink accepted(Channel channel);

    /**
     * Called when accepting failed, most often because the process has no file descriptor left. The peers still wait in
     * the backlog, so the system would report them again and again. So the sink must turn accepting off for a while.
     *
     * @param cause the system's error
     */
    void acceptFailed(IOException cause);

    /**
     * Called when a peer has connected, but is not let in: it is not one that may connect, or its handshake has failed.
     * Its connection is closed, and {@link #accepted} is not called for it.
     *
     * @param peer the address of the peer
     * @param cause what the peer or this side did not accept
     */
    default void refused(SocketAddress peer, IOException cause) {}

    /**
     * Called instead of {@link #refused(SocketAddress, IOException)} if the connection may have come through a proxy.
     * By default, it calls the other method.
     *
     * @param peer the address of the peer, which is that of the proxy if there is one
     * @param claimed the address of the client, as a trusted proxy claims it; empty if there is no such proxy, or it
     *     has not said it
     * @param cause what the peer or this side did not accept
     */
    default void refused(SocketAddress peer, Optional<InetSocketAddress> claimed, IOException cause) {
        refused(peer, cause);
    }
}
