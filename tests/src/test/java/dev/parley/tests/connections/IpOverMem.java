package dev.parley.tests.connections;

import dev.parley.net.mem.MemAddress;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** IP addresses inside the process, some of which answer nothing until the test lets them. */
final class IpOverMem implements Transport {
    private final MemNetwork network = new MemNetwork();
    private final AtomicInteger ports = new AtomicInteger(50_000);
    private final Set<InetSocketAddress> silent = ConcurrentHashMap.newKeySet();

    /** The connects that wait for a silent address, in their order; closed ones stay. */
    final List<Waiting> waiting = new CopyOnWriteArrayList<>();

    void silence(InetSocketAddress endpoint) {
        silent.add(endpoint);
    }

    @Override
    public String name() {
        return "ip over mem";
    }

    @Override
    public boolean supports(SocketAddress endpoint) {
        return endpoint instanceof InetSocketAddress;
    }

    private static MemAddress inside(SocketAddress endpoint) {
        return new MemAddress(endpoint.toString());
    }

    @Override
    public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        var asked = (InetSocketAddress) endpoint;
        int port = asked.getPort() == 0 ? ports.incrementAndGet() : asked.getPort();
        var real = new InetSocketAddress(asked.getAddress(), port);
        return new Bound(network.bind(inside(real), options), real);
    }

    private record Bound(ServerChannel inside, InetSocketAddress localAddress) implements ServerChannel {
        @Override
        public void wantAccept(boolean wanted) {
            inside.wantAccept(wanted);
        }

        @Override
        public ServerChannel share() {
            return inside.share();
        }

        @Override
        public void close() {
            inside.close();
        }
    }

    @Override
    public Poller openPoller() {
        return new OverMem(network.openPoller());
    }

    private final class OverMem implements Poller {
        private final Poller inside;

        OverMem(Poller inside) {
            this.inside = inside;
        }

        @Override
        public void register(ServerChannel channel, AcceptSink sink) throws IOException {
            inside.register(((Bound) channel).inside, sink);
        }

        @Override
        public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
            if (!silent.contains(endpoint)) {
                return inside.connect(inside(endpoint), options, sink);
            }
            var channel = new Waiting(endpoint, sink);
            waiting.add(channel);
            return channel;
        }

        @Override
        public void poll(long timeoutNanos) throws IOException {
            inside.poll(timeoutNanos);
        }

        @Override
        public void wakeup() {
            inside.wakeup();
        }

        @Override
        public void close() throws IOException {
            inside.close();
        }
    }

    /** A connect that is under way. */
    static final class Waiting implements Channel {
        private final SocketAddress endpoint;
        private final ChannelSink sink;
        volatile boolean closed;

        Waiting(SocketAddress endpoint, ChannelSink sink) {
            this.endpoint = endpoint;
            this.sink = sink;
        }

        /** Lets the server accept after all; called on the loop's thread. */
        void answer() {
            if (!closed) {
                sink.connected();
            }
        }

        @Override
        public SocketAddress localAddress() {
            return new InetSocketAddress(((InetSocketAddress) endpoint).getAddress(), 0);
        }

        @Override
        public SocketAddress peerAddress() {
            return endpoint;
        }

        @Override
        public int write(ByteBuffer bytes) {
            return 0;
        }

        @Override
        public long write(ByteBuffer[] buffers, int count) {
            return 0;
        }

        @Override
        public void wantRead(boolean wanted) {}

        @Override
        public boolean readNow() {
            return false;
        }

        @Override
        public void wantWrite(boolean wanted) {}

        @Override
        public void shutdownOutput() {}

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public void reset() {
            close();
        }
    }
}
