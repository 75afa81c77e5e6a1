package dev.parley.net.nio;

import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;

/**
 * Moves bytes over TCP and Unix sockets with {@link java.nio.channels.Selector}. It works on every platform of the JDK.
 */
public final class NioTransport implements Transport {
    @Override
    public String name() {
        return "nio";
    }

    @Override
    public boolean supports(SocketAddress endpoint) {
        return endpoint instanceof InetSocketAddress || endpoint instanceof UnixDomainSocketAddress;
    }

    @Override
    public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        if (endpoint instanceof UnixDomainSocketAddress unix) {
            return NioServerChannel.bindUnix(unix.getPath(), options);
        }
        return NioServerChannel.bindTcp((InetSocketAddress) endpoint, options);
    }

    @Override
    public ServerChannel adopt(SocketOptions options) throws IOException {
        return NioServerChannel.inherited(options);
    }

    /**
     * {@return the endpoint of the listening socket that is this process's standard input; empty if standard input is
     * not a listening socket}
     *
     * @throws IOException if the system refuses
     */
    public static Optional<SocketAddress> inherited() throws IOException {
        return System.inheritedChannel() instanceof ServerSocketChannel socket
                ? Optional.of(socket.getLocalAddress())
                : Optional.empty();
    }

    @Override
    public Poller openPoller() throws IOException {
        return new NioPoller();
    }
}
