package dev.parley.net.systemd;

import dev.parley.net.Address;
import dev.parley.net.nio.NioTransport;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * An inherited socket is a listening socket that the process got as its standard input when it was started (socket
 * activation). systemd passes it this way with {@code StandardInput=socket}, and inetd with {@code wait}. If systemd
 * passes it by sd_listen_fds(3), {@code ./parley} moves it to standard input.
 *
 * {@snippet :
 * InheritedSocket.find().ifPresent(socket -> {
 *     EventLoop loop = EventLoop.builder().transport(socket.over(Transports.preferred())).start();
 *     try {
 *         loop.listen(socket.address(), (connection, bytes) -> connection.send(bytes));
 *     } catch (BindFailedException e) {
 *         System.err.println(e.getMessage());
 *     }
 * });
 * }
 *
 * <p>The socket belongs to the program that started the process: closing the listener only stops accepting, and new
 * connections wait in the socket for the next process. Any thread may use it.
 */
public final class InheritedSocket {
    private final SocketAddress endpoint;

    private InheritedSocket(SocketAddress endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * {@return the inherited socket; empty if standard input is not a socket, or is a socket that does not listen}
     *
     * @throws IOException if the system refuses
     */
    public static Optional<InheritedSocket> find() throws IOException {
        return NioTransport.inherited().map(InheritedSocket::new);
    }

    /**
     * {@return the address that the socket listens on} Pass it to {@code listen} of a loop that has the transport of
     * {@link #over}.
     */
    public Address address() {
        return Address.of(endpoint);
    }

    /**
     * {@return a transport that uses this socket to listen on {@link #address}, and for everything else does the same
     * as the given transport}
     *
     * @param transport a transport that supports {@link Transport#adopt}
     */
    public Transport over(Transport transport) {
        return new Adopting(endpoint, transport);
    }

    private record Adopting(SocketAddress endpoint, Transport inner) implements Transport {
        @Override
        public String name() {
            return inner.name();
        }

        @Override
        public boolean supports(SocketAddress asked) {
            return inner.supports(asked);
        }

        @Override
        public ServerChannel bind(SocketAddress asked, SocketOptions options) throws IOException {
            return asked.equals(endpoint) ? inner.adopt(options) : inner.bind(asked, options);
        }

        @Override
        public Optional<Transport> instead() {
            return inner.instead().map(next -> new Adopting(endpoint, next));
        }

        @Override
        public Optional<String> whyNotPreferred() {
            return inner.whyNotPreferred();
        }

        @Override
        public Poller openPoller() throws IOException {
            return inner.openPoller();
        }
    }
}
