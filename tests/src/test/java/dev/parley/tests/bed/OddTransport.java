package dev.parley.tests.bed;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;

/** A transport that does the same as another one, for tests that change a part of it. */
public abstract class OddTransport implements Transport {
    private final Transport real;

    /** Makes a transport that does what the real one does, except for what a subclass changes. */
    protected OddTransport(Transport real) {
        this.real = real;
    }

    /** Does the same as the real one by default. */
    protected Channel connect(Poller poller, SocketAddress endpoint, SocketOptions options, ChannelSink sink)
            throws IOException {
        return poller.connect(endpoint, options, sink);
    }

    /** Does the same as the real one by default. */
    protected void poll(Poller poller, long timeoutNanos) throws IOException {
        poller.poll(timeoutNanos);
    }

    /** Does the same as the real one by default. */
    protected void register(Poller poller, ServerChannel channel, AcceptSink sink) throws IOException {
        poller.register(channel, sink);
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public boolean supports(SocketAddress endpoint) {
        return real.supports(endpoint);
    }

    @Override
    public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        return real.bind(endpoint, options);
    }

    @Override
    public Poller openPoller() throws IOException {
        Poller poller = real.openPoller();
        return new Poller() {
            @Override
            public void register(ServerChannel channel, AcceptSink sink) throws IOException {
                OddTransport.this.register(poller, channel, sink);
            }

            @Override
            public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
                return OddTransport.this.connect(poller, endpoint, options, sink);
            }

            @Override
            public void poll(long timeoutNanos) throws IOException {
                OddTransport.this.poll(poller, timeoutNanos);
            }

            @Override
            public void wakeup() {
                poller.wakeup();
            }

            @Override
            public void close() throws IOException {
                poller.close();
            }
        };
    }
}
