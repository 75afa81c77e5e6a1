package dev.parley.net.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * A transport says how bytes move for an address: over the JDK's selectors, io_uring, or inside the process.
 *
 * {@snippet :
 * Transport network = new MemNetwork(); // the one without sockets
 * EventLoop loop = EventLoop.builder().transport(network).start();
 * System.out.println(loop.transport().name()); // mem
 * }
 *
 * <p>A transport has no state of its own that a loop could see; it may be used from any thread.
 */
public interface Transport {
    /** {@return the name in messages and on the command line, such as {@code nio}} */
    String name();

    /**
     * {@return whether this transport can listen on and connect to endpoints of this kind}
     *
     * @param endpoint of any kind; it need not exist
     */
    boolean supports(SocketAddress endpoint);

    /**
     * Binds and listens (bind(2), listen(2)); does not accept before the channel is registered with a poller.
     *
     * @param endpoint a resolved address that this transport {@link #supports}; port 0 lets the system choose
     * @param options of the listening socket, and of those it accepts
     * @return the endpoint, bound
     * @throws IOException the system's own error, such as {@link java.net.BindException}
     */
    ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException;

    /**
     * Takes the listening socket that the process was started with as its standard input. It is not this process's own:
     * closing the channel ends accepting, and leaves the socket.
     *
     * @param options of the connections that it accepts
     * @return the endpoint, listening
     * @throws IOException if standard input is not such a socket
     * @throws UnsupportedOperationException if the transport has no sockets
     */
    default ServerChannel adopt(SocketOptions options) throws IOException {
        throw new UnsupportedOperationException("the transport " + name() + " has no sockets");
    }

    /**
     * {@return the transport that a loop uses if {@link #openPoller} is refused and this one was not named; empty if it
     * was named, and then the loop does not start}
     */
    default Optional<Transport> instead() {
        return Optional.empty();
    }

    /**
     * {@return why this transport is used though another is preferred here, in words for the operator; empty if it was
     * named, or no other is preferred}
     */
    default Optional<String> whyNotPreferred() {
        return Optional.empty();
    }

    /**
     * Opens what one loop needs to wait for its channels.
     *
     * @return used by one loop, which closes it
     * @throws TransportRefusedException if the system refuses this transport, though it looked usable
     * @throws IOException if the system has no descriptor for it
     */
    Poller openPoller() throws IOException;
}
