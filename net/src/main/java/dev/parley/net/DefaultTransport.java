package dev.parley.net;

import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The transport of a loop for which the user named none. If the system refuses this transport to the loop, the loop
 * uses the next one instead.
 *
 * @param inner the transport that moves the bytes
 * @param next the transport to use if this one is refused; null for the last
 * @param reason why this transport is not the most preferred one; empty if it is the most preferred one
 */
record DefaultTransport(Transport inner, @Nullable Transport next, String reason) implements Transport {
    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public boolean supports(SocketAddress endpoint) {
        return inner.supports(endpoint);
    }

    @Override
    public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        return inner.bind(endpoint, options);
    }

    @Override
    public ServerChannel adopt(SocketOptions options) throws IOException {
        return inner.adopt(options);
    }

    @Override
    public Optional<Transport> instead() {
        return Optional.ofNullable(next);
    }

    @Override
    public Optional<String> whyNotPreferred() {
        return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
    }

    @Override
    public Poller openPoller() throws IOException {
        return inner.openPoller();
    }
}
