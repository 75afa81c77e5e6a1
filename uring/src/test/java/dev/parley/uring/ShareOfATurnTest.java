package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Transports;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that one poll reports no more of a peer than a share, however much it sends, so that all others wait only for
 * that.
 */
@Timeout(300)
class ShareOfATurnTest {
    private static final int KIB = 1024;

    /** The most bytes that one poll reports: a share is 64 KiB, and a buffer that is begun is reported whole. */
    private static final int MOST_BYTES = 64 * KIB - 1 + 128 * KIB;

    private static final int ENOUGH_BYTES = 32 * 1024 * KIB;

    /**
     * The most polls in which written bytes are read and reported, and the next receive begins, if each poll runs by
     * itself.
     */
    private static final int POLLS_MAX = 6;

    private static Transport named(String name) {
        assumeTrue(Transports.names().contains(name), name + " is not there");
        if (name.equals("io_uring")) {
            Probe.Found found = Probe.look(Set.of());
            assumeTrue(found.isEnough(), () -> "io_uring cannot be used here: " + found.reason());
        }
        return Transports.named(name);
    }

    /**
     * Each peer fills its socket before each poll. Between floods it may send small pieces, so that io_uring goes back
     * to small buffers and one submission that goes on receiving ({@code ReceiveMode}).
     */
    @ParameterizedTest
    @CsvSource({"nio, 1, 0", "nio, 5, 40", "io_uring, 1, 0", "io_uring, 1, 40", "io_uring, 5, 0", "io_uring, 5, 40"})
    void noPeerHasMoreThanAShare(String transport, int floods, int smallOnes) throws Exception {
        try (var stage = new Stage(named(transport))) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < floods; i++) {
                peers.add(stage.peer());
            }
            while (peers.getFirst().reportedBytes < ENOUGH_BYTES) {
                for (int i = 0; i < smallOnes; i++) {
                    for (Peer each : peers) {
                        each.send(100);
                    }
                    stage.poll(peers);
                }
                for (int i = 0; i < 20; i++) {
                    for (Peer each : peers) {
                        each.fill();
                    }
                    stage.poll(peers);
                }
                stage.drain(peers);
            }
        }
    }

    /** A byte of another peer is reported after few polls, however much the others have sent. */
    @ParameterizedTest
    @CsvSource({"nio, 1", "nio, 5", "io_uring, 1", "io_uring, 5"})
    void anothersByteIsToldAfterFewPolls(String transport, int floods) throws Exception {
        try (var stage = new Stage(named(transport))) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < floods; i++) {
                peers.add(stage.peer());
            }
            Peer other = stage.peer();
            for (int i = 0; i < 200; i++) {
                for (Peer each : peers) {
                    each.fill();
                }
                other.send(1);
                int polls = 0;
                while (other.reportedBytes < other.sentBytes) {
                    for (Peer each : peers) {
                        each.fill();
                    }
                    stage.poll(peers);
                    polls++;
                }
                assertThat(polls).as("polls until byte %d was told", i).isLessThanOrEqualTo(POLLS_MAX);
            }
        }
    }

    /** A peer that stops reading in the middle of a share, and goes on, misses nothing. */
    @ParameterizedTest
    @CsvSource({"nio", "io_uring"})
    void whoPausesMissesNothing(String transport) throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        try (var stage = new Stage(named(transport))) {
            Peer peer = stage.peer();
            boolean wanted = true;
            for (int i = 0; i < 3_000; i++) {
                if (random.nextInt(3) == 0) {
                    peer.fill();
                } else {
                    peer.send(1 + random.nextInt(2_000));
                }
                if (random.nextInt(4) == 0) {
                    wanted = !wanted;
                    peer.channel().wantRead(wanted);
                }
                stage.poll(List.of(peer));
                assertThat(wanted || peer.toldInThisPoll == 0)
                        .as("seed %d, poll %d", seed, i)
                        .isTrue();
            }
            peer.channel().wantRead(true);
            stage.drain(List.of(peer));
            assertThat(peer.wrongAt).as("seed %d: the first wrong byte", seed).isEqualTo(-1);
        }
    }

    /** One poller, on the thread of the test. */
    private static final class Stage implements AutoCloseable {
        private final Poller poller;
        private final ServerChannel server;
        private final List<Peer> accepted = new ArrayList<>();

        Stage(Transport transport) throws IOException {
            poller = transport.openPoller();
            server = transport.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SocketOptions.DEFAULT);
            poller.register(server, new Accepting());
        }

        Peer peer() throws IOException {
            SocketChannel socket = SocketChannel.open(server.localAddress());
            socket.configureBlocking(false);
            int before = accepted.size();
            while (accepted.size() == before) {
                poller.poll(0);
            }
            Peer peer = accepted.getLast();
            peer.socket = socket;
            peer.channel().wantRead(true);
            return peer;
        }

        void poll(List<Peer> peers) throws IOException {
            for (Peer each : peers) {
                each.toldInThisPoll = 0;
            }
            poller.poll(0);
            for (Peer each : peers) {
                assertThat(each.toldInThisPoll).isLessThanOrEqualTo(MOST_BYTES);
            }
        }

        void drain(List<Peer> peers) throws IOException {
            while (peers.stream().anyMatch(each -> each.reportedBytes < each.sentBytes)) {
                poll(peers);
            }
        }

        @Override
        public void close() throws IOException {
            for (Peer each : accepted) {
                each.channel().reset();
                each.socket().close();
            }
            server.close();
            poller.close();
        }

        private final class Accepting implements AcceptSink {
            @Override
            public void acceptedSocket(AcceptedSocket acceptedSocket) {
                acceptedSocket.join(poller, this);
            }

            @Override
            public ChannelSink accepted(Channel channel) {
                var peer = new Peer(channel);
                accepted.add(peer);
                return peer;
            }

            @Override
            public void acceptFailed(IOException cause) {
                throw new IllegalStateException(cause);
            }
        }
    }

    /** Both ends of one connection: the bytes that are sent count up, and their low bits must arrive in order. */
    private static final class Peer extends QuietSink {
        private final Channel channel;
        private @Nullable SocketChannel socket;
        private final ByteBuffer output = ByteBuffer.allocateDirect(1024 * KIB);
        private long sentBytes;
        private long reportedBytes;
        private long toldInThisPoll;
        private long wrongAt = -1;

        Peer(Channel channel) {
            this.channel = channel;
        }

        Channel channel() {
            return channel;
        }

        SocketChannel socket() {
            return Objects.requireNonNull(socket);
        }

        /** Sends as much as the system takes now, at most 4 MiB. */
        void fill() throws IOException {
            int sent = 1;
            for (int left = 4; left > 0 && sent > 0; left--) {
                sent = send(output.capacity());
            }
        }

        int send(int count) throws IOException {
            output.clear();
            for (int i = 0; i < count; i++) {
                output.put(i, (byte) ((sentBytes + i) % 251));
            }
            int sent = socket().write(output.limit(count));
            sentBytes += sent;
            return sent;
        }

        @Override
        public void received(ByteBuffer bytes) {
            toldInThisPoll += bytes.remaining();
            while (bytes.hasRemaining()) {
                if (bytes.get() != (byte) (reportedBytes % 251) && wrongAt < 0) {
                    wrongAt = reportedBytes;
                }
                reportedBytes++;
            }
        }
    }
}
