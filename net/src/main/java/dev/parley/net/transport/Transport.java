package dev.parley.net.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * A transport moves the bytes of connections: over the JDK's selectors, over io_uring, or inside the process.
 *
 * {@snippet :
 * Transport network = new MemNetwork(); // the one without sockets
 * EventLoop loop = EventLoop.builder().transport(network).start();
 * System.out.println(loop.transport().name()); // mem
 * }
 *
 * <p>A transport has no state that a loop could notice. Any thread may use it.
 */
public interface Transport {
    /** {@return the name of the transport in messages and on the command line, such as {@code nio}} */
    String name();

    /**
     * {@return whether this transport can listen on and connect to endpoints of this kind}
     *
     * @param endpoint an endpoint of any kind, which need not exist
     */
    boolean supports(SocketAddress endpoint);

    /**
     * Binds and listens (bind(2), listen(2)). Connections are not accepted before the channel is registered with a
     * poller.
     *
     * @param endpoint a resolved address that this transport {@link #supports}; port 0 lets the system choose
     * @param options the options of the listening socket, and of the sockets that it accepts
     * @return the server channel, which is bound
     * @throws IOException the system's own error, such as {@link java.net.BindException}
     */
    ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException;

    /**
     * Takes the listening socket that is the standard input of this process. The socket belongs to the program that
     * started the process: closing the channel ends accepting, but leaves the socket open.
     *
     * @param options the options of the connections that the channel accepts
     * @return the server channel, which listens
     * @throws IOException if standard input is not a listening socket
     * @throws UnsupportedOperationException if the transport has no sockets
     */
    default ServerChannel adopt(SocketOptions options) throws IOException {
        throw new UnsupportedOperationException("the transport " + name() + " has no sockets");
    }

    /**
     * {@return the transport that a loop uses if {@link #openPoller} of this transport throws; empty if the user has
     * chosen this transport by name, or there is no other one, in which case the loop does not start}
     */
    default Optional<Transport> instead() {
        return Optional.empty();
    }

    /**
     * {@return why this transport is used although another one is preferred, in words for the operator; empty if the
     * user has chosen this transport by name, or no other one is preferred}
     */
    default Optional<String> whyNotPreferred() {
        return Optional.empty();
    }

    /**
     * Opens a poller, with which one loop waits for its channels.
     *
     * @return the poller, which is used by one loop, and which that loop closes
     * @throws TransportRefusedException if the system refuses this transport although it seemed usable
     * @throws IOException if the system has no descriptor for the poller
     */
    Poller openPoller() throws IOException;
}
