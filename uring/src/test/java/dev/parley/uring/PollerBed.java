package dev.parley.uring;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.time.Ticker;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One poller, whose thread is that of the test, and a listening socket with the connections of its peers. */
final class PollerBed implements AutoCloseable {
    /** The length of buffers of the system that are full soon. */
    static final int SMALL_BYTES = 4 * 1024;

    final UringPoller poller;
    final ServerChannel server;
    final List<Side> accepted = new ArrayList<>();
    final List<SocketChannel> peers = new ArrayList<>();
    private boolean closed;

    PollerBed(Set<Feature> features, DirectMemory memory, Ticker ticker, SocketOptions options) throws IOException {
        poller = new UringPoller(features, RingSizes.DEFAULT, memory, ticker);
        server = new UringTransport(features).bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), options);
        poller.register(server, new Accepting());
    }

    static PollerBed ofDefaults() throws IOException {
        return new PollerBed(features(), DirectMemory.shared(), Ticker.SYSTEM, SocketOptions.DEFAULT);
    }

    static Set<Feature> features() {
        Probe.Found found = Probe.look(Set.of());
        assumeTrue(found.isEnough(), () -> "io_uring cannot be used here: " + found.reason());
        return found.features();
    }

    /** Returns how much memory a poller takes from the start. */
    static long bytesOfAPoller() throws IOException {
        var memory = new DirectMemory(Long.MAX_VALUE);
        var poller = new UringPoller(features(), RingSizes.DEFAULT, memory, Ticker.SYSTEM);
        long bytes = memory.heldBytes();
        poller.close();
        return bytes;
    }

    SocketChannel connectPeer(boolean small) throws IOException {
        SocketChannel peer = SocketChannel.open();
        peers.add(peer);
        if (small) {
            peer.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BYTES);
        }
        peer.connect(server.localAddress());
        return peer;
    }

    /** Connects a peer, and returns our side of the connection. */
    Side accept(boolean small) throws IOException {
        int before = accepted.size();
        connectPeer(small);
        while (accepted.size() == before) {
            poller.poll(0);
        }
        return accepted.getLast();
    }

    SocketChannel peerOf(Side side) {
        return peers.get(accepted.indexOf(side));
    }

    /** Sends so much to a peer that does not read that a buffer of ours holds some of it. Returns its length. */
    int fill(Side side) throws IOException {
        int taken = 0;
        while (side.channel.heldBytes() == 0) {
            taken += side.channel.write(ByteBuffer.allocate(SlowBuffers.BYTES));
            poller.poll(0);
        }
        return taken;
    }

    void closePoller() throws IOException {
        closed = true;
        server.close();
        for (Side each : accepted) {
            each.channel.close();
        }
        poller.close();
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel each : peers) {
            each.close();
        }
        if (!closed) {
            closePoller();
        }
    }

    final class Accepting implements AcceptSink {
        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            acceptedSocket.join(poller, this);
        }

        @Override
        public ChannelSink accepted(Channel channel) {
            var side = new Side(channel);
            accepted.add(side);
            return side;
        }

        @Override
        public void acceptFailed(IOException cause) {
            throw new IllegalStateException(cause);
        }
    }

    /** Our side of one connection. */
    static class Side extends QuietSink {
        final Channel channel;
        int receivedBytes;

        /** The action at the first bytes; null if they are only counted. */
        @Nullable
        Runnable whenReceived;

        @Nullable
        IOException failure;

        Side(Channel channel) {
            this.channel = channel;
        }

        @Override
        public void received(ByteBuffer bytes) {
            receivedBytes += bytes.remaining();
            Runnable run = whenReceived;
            whenReceived = null;
            if (run != null) {
                run.run();
            }
        }

        @Override
        public void failed(IOException cause) {
            failure = cause;
        }
    }
}
