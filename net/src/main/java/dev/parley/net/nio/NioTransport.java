package dev.parley.net.nio;

import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** TCP and Unix sockets over {@link java.nio.channels.Selector}: works wherever the JDK does. */
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
    public Poller openPoller() throws IOException {
        return new NioPoller();
    }
}
