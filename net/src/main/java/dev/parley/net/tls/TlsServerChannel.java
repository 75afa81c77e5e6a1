package dev.parley.net.tls;

import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.ServerChannel;
import java.net.SocketAddress;

/** A server channel whose connections speak TLS. */
record TlsServerChannel(ServerChannel below) implements ServerChannel {
    @Override
    public SocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public EndpointFile file() {
        return below.file();
    }

    @Override
    public void wantAccept(boolean wanted) {
        below.wantAccept(wanted);
    }

    @Override
    public ServerChannel share() {
        return new TlsServerChannel(below.share());
    }

    @Override
    public void close() {
        below.close();
    }
}
