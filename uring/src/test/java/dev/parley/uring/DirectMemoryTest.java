package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.MemoryCap;
import dev.parley.net.Receiver;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import dev.parley.net.transport.TransportRefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that memory outside of the heap is bounded, and is freed without a garbage collection. */
@Timeout(300)
class DirectMemoryTest {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** The number of slow peers. Each needs a buffer, of which a loop keeps 256 at most, and few other regions. */
    private static final int SLOW_PEERS = 400;

    private static final int REGIONS_KEPT_MAX = 300;

    /** Options with which the buffers of the system are full soon. */
    private static final SocketOptions SMALL = SocketOptions.DEFAULT.withBuffers(16 * KIB, 16 * KIB);

    private Set<Feature> features = Set.of();

    @BeforeEach
    void lookAtTheKernel() {
        Probe.Found found = Probe.look(Set.of());
        assumeTrue(found.isEnough(), () -> "io_uring cannot be used here: " + found.reason());
        features = found.features();
    }

    private UringTransport transport(DirectMemory memory) {
        return new UringTransport(features, RingSizes.DEFAULT, memory);
    }

    /** The bound is reached at each of the places where an opening takes memory. */
    @Test
    void anOpeningThatFailsPartWayLeavesNothing() throws Exception {
        long needed = bytesOfALoop();
        long descriptors = ringsAndWakeups();
        for (long bound = 0; bound < needed; bound += 32 * KIB) {
            var memory = new DirectMemory(bound);
            assertThatThrownBy(() -> transport(memory).openPoller())
                    .as("with %d of %d bytes", bound, needed)
                    .isInstanceOf(TransportRefusedException.class)
                    .hasMessageContaining("dev.parley.uring.memoryBytesMax");
            assertThat(memory.heldBytes()).as("bytes, of %d", bound).isZero();
            assertThat(memory.openRegions()).as("regions, with %d bytes", bound).isZero();
            assertThat(ringsAndWakeups())
                    .as("descriptors, with %d bytes", bound)
                    .isEqualTo(descriptors);
        }
    }

    private long bytesOfALoop() throws IOException {
        var memory = new DirectMemory(Long.MAX_VALUE);
        long needed;
        try (Poller _ = transport(memory).openPoller()) {
            needed = memory.heldBytes();
        }
        assertThat(memory.heldBytes()).isZero();
        assertThat(memory.openRegions()).isZero();
        return needed;
    }

    private static long ringsAndWakeups() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(DirectMemoryTest::isRingOrWakeup).count();
        }
    }

    private static boolean isRingOrWakeup(Path descriptor) {
        try {
            String link = Files.readSymbolicLink(descriptor).toString();
            return link.contains("io_uring") || link.contains("eventfd");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    /** Twenty loops run, one after another, with memory for two. */
    @Test
    void loopsThatComeAndGoGiveAllBack() throws Exception {
        var memory = new DirectMemory(2 * (bytesOfALoop() + 9 * MIB));
        for (int i = 0; i < 20; i++) {
            try (EventLoop loop =
                            EventLoop.builder().transport(transport(memory)).start();
                    LoopListener listener =
                            loop.listen("tcp://127.0.0.1:0", (connection, bytes) -> connection.send(bytes));
                    var peer = new Socket(InetAddress.getLoopbackAddress(), port(listener))) {
                var sent = new byte[2 * MIB];
                Thread sender = Thread.ofVirtual().start(() -> write(peer, sent));
                assertThat(peer.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
                sender.join();
                assertThat(memory.heldBytes()).isPositive();
            }
            assertThat(memory.heldBytes()).as("after loop %d", i).isZero();
            assertThat(memory.openRegions()).as("after loop %d", i).isZero();
        }
    }

    private static void write(Socket peer, byte[] bytes) {
        try {
            peer.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int port(LoopListener listener) {
        return ((Address.Tcp) listener.address()).port();
    }

    /** Each peer of a server reads nothing of what is sent to it. */
    @Test
    void whatSlowPeersOfAServerNeededComesBackAsTheyGo() throws Exception {
        var memory = new DirectMemory(Long.MAX_VALUE);
        var cap = MemoryCap.of(1024L * MIB);
        var accepted = new ConcurrentLinkedQueue<LoopConnection>();
        Receiver receiver = (connection, bytes) -> {
            accepted.add(connection);
            connection.send(ByteBuffer.allocate(MIB));
        };
        try (EventLoop loop = EventLoop.builder()
                        .transport(transport(memory))
                        .socketOptions(SMALL)
                        .memory(cap)
                        .start();
                LoopListener listener = loop.listen("tcp://127.0.0.1:0", receiver)) {
            var peers = new ArrayList<Socket>();
            for (int i = 0; i < SLOW_PEERS; i++) {
                var peer = new Socket();
                peer.setReceiveBufferSize(SMALL.receiveBufferBytes());
                peer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(listener)));
                peer.getOutputStream().write(1);
                peers.add(peer);
            }
            until(loop, () -> accepted.size() == SLOW_PEERS && memory.openRegions() > SLOW_PEERS);
            until(loop, () -> cap.heldBytes() >= SLOW_PEERS * 16L * KIB);
            giveBack(loop, memory, () -> {
                for (Socket peer : peers) {
                    peer.close();
                }
            });
        }
        assertThat(memory.heldBytes()).isZero();
    }

    /** Each server of a client reads nothing of what is sent to it. */
    @Test
    void whatSlowServersOfAClientNeededComesBackAsTheyGo() throws Exception {
        var memory = new DirectMemory(Long.MAX_VALUE);
        var connections = new ArrayList<LoopConnection>();
        try (EventLoop loop = EventLoop.builder()
                        .transport(transport(memory))
                        .socketOptions(SMALL)
                        .start();
                var server = new ServerSocket()) {
            server.setReceiveBufferSize(SMALL.receiveBufferBytes());
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SLOW_PEERS);
            for (int i = 0; i < SLOW_PEERS; i++) {
                connections.add(loop.connect("tcp://127.0.0.1:" + server.getLocalPort(), new Sending()));
            }
            until(loop, () -> memory.openRegions() > SLOW_PEERS);
            giveBack(loop, memory, () -> loop.execute(() -> connections.forEach(LoopConnection::reset)));
        }
        assertThat(memory.heldBytes()).isZero();
    }

    private static final class Sending implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            connection.send(ByteBuffer.allocate(MIB));
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {}
    }

    private interface Ending {
        void run() throws IOException;
    }

    /**
     * Asserts that the memory is given back. A loop keeps a few buffers for the next slow peer; all others are free as
     * soon as they are not needed.
     */
    private static void giveBack(EventLoop loop, DirectMemory memory, Ending ending) throws IOException {
        var bytes = new AtomicLong();
        until(loop, () -> {
            bytes.set(memory.heldBytes());
            return memory.openRegions() > SLOW_PEERS;
        });
        ending.run();
        until(loop, () -> memory.openRegions() <= REGIONS_KEPT_MAX);
        assertThat(memory.heldBytes()).isLessThanOrEqualTo(bytes.get() - (SLOW_PEERS - REGIONS_KEPT_MAX) * 16L * KIB);
    }

    /**
     * Waits for turns of the loop, not for a time. The condition is tested on the loop's thread, between two turns: in
     * a turn, a peer's buffer is given back before the peer gets its next one.
     */
    private static void until(EventLoop loop, BooleanSupplier condition) {
        boolean isMet;
        do {
            var met = new CompletableFuture<Boolean>();
            loop.execute(() -> met.complete(condition.getAsBoolean()));
            isMet = met.join();
        } while (!isMet);
    }

    /**
     * The layer above does not see a closed connection any more; its peer may take the last bytes as slowly as it
     * wants.
     */
    @Test
    void theLastBytesOfClosedConnectionsAreCounted() throws Exception {
        var memory = new DirectMemory(Long.MAX_VALUE);
        try (Poller poller = transport(memory).openPoller();
                SocketChannel peer = SocketChannel.open()) {
            Channel channel = accept(poller, peer);
            var large = ByteBuffer.allocate(64 * MIB);
            while (channel.heldBytes() == 0 && large.hasRemaining()) {
                channel.write(large);
                poller.poll(0);
            }
            long held = channel.heldBytes();
            assertThat(held).isPositive();
            assertThat(poller.heldBytes()).isZero();
            channel.close();
            assertThat(poller.heldBytes()).isEqualTo(held);
            peer.configureBlocking(false);
            var input = ByteBuffer.allocateDirect(MIB);
            while (peer.read(input.clear()) >= 0) {
                poller.poll(0);
            }
            while (poller.heldBytes() > 0) {
                poller.poll(0);
            }
        }
        assertThat(memory.heldBytes()).isZero();
        assertThat(memory.openRegions()).isZero();
    }

    private Channel accept(Poller poller, SocketChannel peer) throws IOException {
        var options = SocketOptions.DEFAULT;
        ServerChannel server = transport(DirectMemory.shared())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), options);
        var accepting = new Accepting(poller);
        poller.register(server, accepting);
        peer.connect(server.localAddress());
        while (accepting.channel == null) {
            poller.poll(0);
        }
        server.close();
        return accepting.channel;
    }

    private static final class Accepting extends QuietSink implements AcceptSink {
        private final Poller poller;
        private @Nullable Channel channel;

        Accepting(Poller poller) {
            this.poller = poller;
        }

        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            acceptedSocket.join(poller, this);
        }

        @Override
        public ChannelSink accepted(Channel accepted) {
            channel = accepted;
            return this;
        }

        @Override
        public void acceptFailed(IOException cause) {
            throw new IllegalStateException(cause);
        }
    }

    /** The memory that a poller reports is part of what all connections may hold, until the loop ends. */
    @Test
    void theCapCountsWhatThePollerHolds() throws Exception {
        var cap = MemoryCap.of(MIB);
        var poller = new Holding(transport(DirectMemory.shared()).openPoller());
        try (EventLoop loop = EventLoop.builder()
                .transport(new OnePoller(transport(DirectMemory.shared()), poller))
                .memory(cap)
                .start()) {
            poller.heldBytes = 300 * KIB;
            until(loop, () -> cap.heldBytes() == 300 * KIB);
            poller.heldBytes = 100 * KIB;
            until(loop, () -> cap.heldBytes() == 100 * KIB);
        }
        assertThat(cap.heldBytes()).isZero();
    }

    private static final class Holding implements Poller {
        private final Poller inner;
        private volatile long heldBytes;

        Holding(Poller inner) {
            this.inner = inner;
        }

        @Override
        public void register(ServerChannel channel, AcceptSink sink) throws IOException {
            inner.register(channel, sink);
        }

        @Override
        public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
            return inner.connect(endpoint, options, sink);
        }

        @Override
        public void poll(long timeoutNanos) throws IOException {
            inner.poll(timeoutNanos);
        }

        @Override
        public void wakeup() {
            inner.wakeup();
        }

        @Override
        public long heldBytes() {
            return heldBytes;
        }

        @Override
        public void close() throws IOException {
            inner.close();
        }
    }

    private record OnePoller(UringTransport of, Poller poller) implements Transport {
        @Override
        public String name() {
            return of.name();
        }

        @Override
        public boolean supports(SocketAddress endpoint) {
            return of.supports(endpoint);
        }

        @Override
        public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
            return of.bind(endpoint, options);
        }

        @Override
        public Poller openPoller() {
            return poller;
        }
    }
}
