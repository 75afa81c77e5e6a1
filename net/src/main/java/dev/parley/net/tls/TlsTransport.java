package dev.parley.net.tls;

import dev.parley.net.accept.HandshakeLimit;
import dev.parley.net.time.Ticker;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;

/** A transport whose channels speak TLS over the channels of another transport. */
record TlsTransport(Transport below, Tls tls, Ticker ticker) implements Transport {
    private static final int HANDSHAKES_MAX = 2_500;

    @Override
    public String name() {
        return "tls over " + below.name();
    }

    @Override
    public boolean supports(SocketAddress endpoint) {
        return below.supports(endpoint);
    }

    @Override
    public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        return new TlsServerChannel(below.bind(endpoint, options), tls, new HandshakeLimit(HANDSHAKES_MAX));
    }

    @Override
    public ServerChannel adopt(SocketOptions options) throws IOException {
        return new TlsServerChannel(below.adopt(options), tls, new HandshakeLimit(HANDSHAKES_MAX));
    }

    @Override
    public Optional<Transport> instead() {
        return below.instead().map(other -> new TlsTransport(other, tls, ticker));
    }

    @Override
    public Optional<String> whyNotPreferred() {
        return below.whyNotPreferred();
    }

    @Override
    public Poller openPoller() throws IOException {
        return new TlsPoller(below.openPoller(), ticker, tls);
    }
}
