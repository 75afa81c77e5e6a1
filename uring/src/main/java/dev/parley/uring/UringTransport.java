package dev.parley.uring;

import dev.parley.net.time.Ticker;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import dev.parley.net.transport.TransportRefusedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Set;

/**
 * The transport for TCP and Unix sockets over io_uring(7), on Linux only; {@link UringProvider} says whether it can be
 * used here.
 */
public final class UringTransport implements Transport {
    /** The transport's name in messages and on the command line. */
    public static final String NAME = "io_uring";

    private final Set<Feature> features;
    private final RingSizes sizes;
    private final DirectMemory memory;

    UringTransport(Set<Feature> features) {
        this(features, RingSizes.DEFAULT);
    }

    UringTransport(Set<Feature> features, RingSizes sizes) {
        this(features, sizes, DirectMemory.shared());
    }

    UringTransport(Set<Feature> features, RingSizes sizes, DirectMemory memory) {
        this.features = Set.copyOf(features);
        this.sizes = sizes;
        this.memory = memory;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean supports(SocketAddress endpoint) {
        return endpoint instanceof InetSocketAddress || endpoint instanceof UnixDomainSocketAddress;
    }

    @Override
    public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        return UringServerChannel.bind(endpoint, options);
    }

    @Override
    public ServerChannel adopt(SocketOptions options) throws IOException {
        return UringServerChannel.adopt(options);
    }

    @Override
    public Poller openPoller() throws IOException {
        try {
            return new UringPoller(features, sizes, memory, Ticker.SYSTEM);
        } catch (UringException e) {
            throw new TransportRefusedException(NAME, Probe.why(e), e);
        } catch (OutOfMemoryError e) {
            throw new TransportRefusedException(NAME, "too little memory is left: " + e.getMessage(), e);
        }
    }
}
