package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests rare moments of a poller: a turn without room, a sink that throws, a socket that two loops share. */
@Timeout(300)
class PollerEdgeCasesTest {
    private static final int MANY = 100;

    /** One poll runs several turns, each of which brings a few of the many bytes. */
    @Test
    void onePollAcceptsNoMoreThanATurnMay() throws Exception {
        try (var bed = PollerBed.ofDefaults()) {
            for (int i = 0; i < MANY; i++) {
                bed.accept(false).channel.wantRead(true);
            }
            bed.poller.poll(0);
            for (int i = 0; i < MANY; i++) {
                bed.connectPeer(false);
                bed.peers.get(i).write(ByteBuffer.allocate(1));
            }
            while (bed.accepted.size() < 2 * MANY) {
                int before = bed.accepted.size();
                bed.poller.poll(0);
                assertThat(bed.accepted.size() - before).isLessThanOrEqualTo(AcceptSink.ACCEPTS_PER_TURN);
            }
            assertThat(bed.accepted.subList(0, MANY))
                    .allSatisfy(each -> assertThat(each.receivedBytes).isEqualTo(1));
        }
    }

    /** More connections arrive than one turn passes on, and the sink throws at each of them. */
    @Test
    void aSinkThatThrowsGetsTheNextConnections() throws Exception {
        List<AcceptedSocket> told = new ArrayList<>();
        List<SocketChannel> peers = new ArrayList<>();
        AcceptSink throwing = new Throwing(told);
        try (var bed = PollerBed.ofDefaults();
                Closing server = new Closing(new UringTransport(PollerBed.features())
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SocketOptions.DEFAULT))) {
            bed.poller.register(server.channel, throwing);
            for (int i = 0; i < MANY; i++) {
                peers.add(SocketChannel.open(server.channel.localAddress()));
            }
            while (told.size() < MANY) {
                bed.poller.poll(0);
            }
            told.forEach(AcceptedSocket::refuse);
        }
        for (SocketChannel each : peers) {
            each.close();
        }
    }

    private record Closing(ServerChannel channel) implements AutoCloseable {
        @Override
        public void close() {
            channel.close();
        }
    }

    private record Throwing(List<AcceptedSocket> told) implements AcceptSink {
        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            told.add(acceptedSocket);
            throw new IllegalStateException("on purpose");
        }

        @Override
        public ChannelSink accepted(Channel channel) {
            throw new IllegalStateException("refused");
        }

        @Override
        public void acceptFailed(IOException cause) {
            throw new IllegalStateException(cause);
        }
    }

    /** The loop of the first channel closes it first, and another socket gets the number of its descriptor. */
    @Test
    void aSharedSocketIsItsOwn() throws Exception {
        try (var bed = PollerBed.ofDefaults()) {
            ServerChannel first = new UringTransport(PollerBed.features())
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SocketOptions.DEFAULT);
            ServerChannel shared = first.share();
            first.close();
            try (var other = ServerSocketChannel.open()) {
                other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                bed.poller.register(shared, bed.new Accepting());
                try (var peer = SocketChannel.open(shared.localAddress())) {
                    while (bed.accepted.isEmpty()) {
                        bed.poller.poll(0);
                    }
                    assertThat(bed.accepted.getFirst().channel.peerAddress()).isEqualTo(peer.getLocalAddress());
                }
            }
            shared.close();
            bed.poller.poll(0);
            bed.poller.poll(0);
            assertThatThrownBy(() -> SocketChannel.open(shared.localAddress())).isInstanceOf(IOException.class);
        }
    }

    /** The memory is bounded, and other connections have taken all that one turn may fill. */
    @Test
    void theLastBytesWaitForATurnWithRoom() throws Exception {
        var memory = new DirectMemory(PollerBed.bytesOfAPoller());
        SocketOptions large = SocketOptions.DEFAULT.withBuffers(1024 * 1024, 1024 * 1024);
        try (var bed = new PollerBed(PollerBed.features(), memory, Ticker.SYSTEM, large)) {
            List<PollerBed.Side> greedy = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                greedy.add(bed.accept(false));
            }
            PollerBed.Side modest = bed.accept(false);
            bed.poller.poll(0);
            for (PollerBed.Side each : greedy) {
                assertThat(each.channel.write(ByteBuffer.allocate(SlowBuffers.BYTES)))
                        .isEqualTo(SlowBuffers.BYTES);
            }
            assertThat(modest.channel.write(ByteBuffer.allocate(1)))
                    .as("room in this turn")
                    .isZero();
            modest.channel.close(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            for (int i = 0; i < 4; i++) {
                bed.poller.poll(0);
            }
            var input = ByteBuffer.allocate(10);
            assertThat(bed.peerOf(modest).read(input)).isEqualTo(3);
            assertThat(bed.peerOf(modest).read(input)).isEqualTo(-1);
        }
    }

    @Test
    void aConnectWithoutMemoryLeavesNothingBehind() throws Exception {
        var memory = new DirectMemory(PollerBed.bytesOfAPoller());
        SocketOptions large = SocketOptions.DEFAULT.withBuffers(1024 * 1024, 1024 * 1024);
        try (var bed = new PollerBed(PollerBed.features(), memory, Ticker.SYSTEM, large)) {
            for (int i = 0; i < 4; i++) {
                bed.accept(false);
            }
            bed.poller.poll(0);
            int handles = bed.poller.core().handles();
            for (PollerBed.Side each : bed.accepted) {
                each.channel.write(ByteBuffer.allocate(SlowBuffers.BYTES));
            }
            var sink = new PollerBed.Side(bed.accepted.getFirst().channel);
            assertThatThrownBy(() -> bed.poller.connect(bed.server.localAddress(), SocketOptions.DEFAULT, sink))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no memory");
            assertThat(bed.poller.core().handles()).isEqualTo(handles);
            bed.poller.poll(0);
            bed.poller
                    .connect(bed.server.localAddress(), SocketOptions.DEFAULT, sink)
                    .close();
        }
    }

    /** One connection's callback reads from the other, whose first receive is a single one, and has completed too. */
    @Test
    void whatIsReadBeforeItsTurnIsNotTheLast() throws Exception {
        try (var bed = PollerBed.ofDefaults()) {
            PollerBed.Side one = bed.accept(false);
            PollerBed.Side two = bed.accept(false);
            List<PollerBed.Side> both = List.of(one, two);
            one.whenReceived = () -> two.channel.readNow();
            two.whenReceived = () -> one.channel.readNow();
            for (PollerBed.Side each : both) {
                each.channel.wantRead(true);
            }
            bed.poller.poll(0);
            for (int sent = 1; sent <= 3; sent++) {
                for (PollerBed.Side each : both) {
                    bed.peerOf(each).write(ByteBuffer.allocate(1));
                }
                while (one.receivedBytes < sent || two.receivedBytes < sent) {
                    bed.poller.poll(0);
                }
            }
        }
    }

    /** If a sink throws even when its failure is reported, its own connection ends, and no other one. */
    @Test
    void aConnectionWhoseReportFailsIsClosed() throws Exception {
        try (var bed = PollerBed.ofDefaults()) {
            bed.poller.poll(0);
            int handles = bed.poller.core().handles();
            var throwing = new QuietSink() {
                @Override
                public void connected() {
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public void failed(IOException cause) {
                    throw new IllegalStateException("again", cause);
                }
            };
            bed.poller.connect(bed.server.localAddress(), SocketOptions.DEFAULT, throwing);
            while (bed.accepted.isEmpty()) {
                bed.poller.poll(0);
            }
            while (bed.poller.core().handles() > handles + 1) {
                bed.poller.poll(0);
            }
        }
    }
}
