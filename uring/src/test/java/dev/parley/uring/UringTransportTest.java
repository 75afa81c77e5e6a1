package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.Transports;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what the contract of all transports does not test: kernels that lack something, and queues that are full. */
@Timeout(300)
class UringTransportTest {
    private static final RingSizes TINY = new RingSizes(2, 4, 2, 64, 2, 128);

    private Set<Feature> features = Set.of();

    @BeforeEach
    void lookAtTheKernel() {
        Probe.Found found = Probe.look(Set.of());
        assumeTrue(found.isEnough(), () -> "io_uring cannot be used here: " + found.reason());
        features = found.features();
    }

    static Set<Feature> required() {
        return Feature.required();
    }

    static Set<Feature> optional() {
        var optional = EnumSet.allOf(Feature.class);
        optional.removeAll(Feature.required());
        return optional;
    }

    @ParameterizedTest
    @MethodSource("required")
    void aKernelWithoutWhatIsNeededIsToldSo(Feature missing) {
        Probe.Found found = Probe.look(Set.of(missing));
        assertThat(found.isEnough()).isFalse();
        assertThat(found.reason()).contains("too old", missing.toString());
    }

    @ParameterizedTest
    @MethodSource("optional")
    void aKernelWithoutWhatIsMerelyFasterServesAllTheSame(Feature missing) throws Exception {
        Probe.Found found = Probe.look(Set.of(missing));
        assertThat(found.isEnough()).as(found.reason()).isTrue();
        assertThat(found.features()).doesNotContain(missing);
        echo(new UringTransport(found.features()), 10, 100_000);
    }

    @Test
    void whyItIsNotAllowedNamesWhatToDo() {
        assertThat(Probe.why(new UringException("io_uring_setup", Kernel.EPERM)))
                .contains("kernel.io_uring_disabled", "seccomp");
        assertThat(Probe.why(new UringException("io_uring_setup", Kernel.ENOSYS)))
                .contains("no io_uring");
        assertThat(Probe.why(new UringException("io_uring_setup", Kernel.ENOMEM)))
                .contains("ulimit -l");
        assertThat(Probe.why(new UringException("io_uring_setup", Kernel.EINVAL)))
                .contains("Linux 6.1");
    }

    /** With two submissions, four completions and two buffers of 64 bytes, every one of them is full all the time. */
    @Test
    void fullQueuesAndNoBuffersCostTimeAndNothingElse() throws Exception {
        var watched = new Watched(new UringTransport(features, TINY), new CompletableFuture<>());
        echo(watched, 60, 20_000);
        assertThat(watched.shortageLog().join().told()).containsExactlyInAnyOrder(Shortage.values());
    }

    @Test
    void whereNothingRunsOutNothingIsTold() throws Exception {
        var watched = new Watched(new UringTransport(features), new CompletableFuture<>());
        echo(watched, 1, 1_000);
        assertThat(watched.shortageLog().join().told()).isEmpty();
    }

    /** Shows what the ring of the one loop that uses it has run out of; to be asked when that loop has ended. */
    private record Watched(UringTransport of, CompletableFuture<ShortageLog> shortageLog) implements Transport {
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
        public Poller openPoller() throws IOException {
            var poller = (UringPoller) of.openPoller();
            shortageLog.complete(poller.core().ring().shortageLog());
            return poller;
        }
    }

    @Test
    void fullQueuesWithBuffersThatAreFilledOnce() throws Exception {
        var classic = EnumSet.copyOf(features);
        classic.remove(Feature.INCREMENTAL_BUFFERS);
        echo(new UringTransport(classic, TINY), 60, 20_000);
    }

    /**
     * A full queue of submissions is handed over in the middle of a turn. Completions that have arrived by then are
     * reported in the next turn, before the failure of a send that was handed over with this turn. Bytes that are sent
     * meanwhile must not overtake the rest of a send of which the kernel took only a part.
     */
    @ParameterizedTest
    @CsvSource({"2, 3000", "2, 60000", "256, 3000", "256, 60000"})
    void noSendOvertakesTheRestOfTheOneBefore(int submissions, int pieceBytesMax) throws Exception {
        Path socket = Files.createTempDirectory("parley").resolve("s");
        var transport = new UringTransport(features, new RingSizes(submissions, 512, 64, 16 * 1024, 8, 64 * 1024));
        try (EventLoop loop = EventLoop.builder().transport(transport).start();
                LoopListener _ = loop.listen(new Address.Unix(socket), (connection, bytes) -> connection.send(bytes))) {
            var clients = new ArrayList<Thread>();
            var wrong = new ConcurrentLinkedQueue<String>();
            for (int i = 0; i < 40; i++) {
                int seed = i;
                clients.add(Thread.ofPlatform().start(() -> sendMuchBeforeReading(socket, pieceBytesMax, seed, wrong)));
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(wrong).isEmpty();
        }
        Files.delete(socket.getParent());
    }

    /** Sends more than the system keeps for a peer that does not read, and later reads in small pieces. */
    private static void sendMuchBeforeReading(Path socket, int pieceBytesMax, int seed, Queue<String> wrong) {
        var random = new Random(seed);
        var sent = new byte[1_000_000];
        random.nextBytes(sent);
        var full = new CountDownLatch(1);
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            Thread sender = Thread.ofPlatform().start(() -> {
                try {
                    for (int at = 0; at < sent.length; ) {
                        int count = Math.min(sent.length - at, 1 + random.nextInt(pieceBytesMax));
                        at += channel.write(ByteBuffer.wrap(sent, at, count));
                        if (at > 150_000) {
                            full.countDown();
                        }
                    }
                } catch (IOException e) {
                    wrong.add("seed " + seed + ": " + e);
                }
            });
            full.await();
            var received = ByteBuffer.allocate(sent.length);
            int count = 1;
            while (received.hasRemaining() && count > 0) {
                received.limit(Math.min(sent.length, received.position() + 1_000));
                count = channel.read(received);
                received.limit(sent.length);
            }
            sender.join();
            int differs = Arrays.mismatch(sent, received.array());
            if (differs >= 0) {
                wrong.add("seed " + seed + ": byte " + differs + " of " + received.position() + " is another");
            }
        } catch (IOException | InterruptedException e) {
            wrong.add("seed " + seed + ": " + e);
        }
    }

    /**
     * There are four buffers, and twelve connections that could fill them all the while: the last one is read
     * nevertheless.
     */
    @ParameterizedTest
    @ValueSource(ints = {4, 256})
    void whoSendsMuchLeavesBuffersToTheOthers(int submissions) throws Exception {
        var transport = new UringTransport(features, new RingSizes(submissions, 512, 4, 32 * 1024, 4, 64 * 1024));
        var mayTurn = new CountDownLatch(1);
        var others = new AtomicLong();
        var whenTheLastIsRead = new CompletableFuture<Long>();
        Receiver count = (connection, bytes) -> {
            if (bytes.get(bytes.position()) == 1) {
                whenTheLastIsRead.complete(others.get());
            } else {
                others.addAndGet(bytes.remaining());
            }
        };
        var open = new ArrayList<Socket>();
        try (EventLoop loop = EventLoop.builder().transport(transport).start();
                LoopListener listener = loop.listen(Address.parse("tcp://127.0.0.1:0"), count);
                AutoCloseable _ = mayTurn::countDown) {
            loop.execute(() -> awaitUninterruptibly(mayTurn));
            int port = ((Address.Tcp) listener.address()).port();
            var sending = new CountDownLatch(12);
            for (int i = 0; i < 12; i++) {
                var socket = new Socket(InetAddress.getLoopbackAddress(), port);
                open.add(socket);
                Thread.ofVirtual().start(() -> sendZeros(socket, sending));
            }
            sending.await();
            open.add(new Socket(InetAddress.getLoopbackAddress(), port));
            open.getLast().getOutputStream().write(1);
            mayTurn.countDown();
            assertThat(whenTheLastIsRead.join()).isLessThan(2 * 1024 * 1024);
        } finally {
            for (Socket each : open) {
                each.close();
            }
        }
    }

    private static void sendZeros(Socket socket, CountDownLatch sending) {
        try {
            socket.getOutputStream().write(new byte[64 * 1024]);
            sending.countDown();
            socket.getOutputStream().write(new byte[960 * 1024]);
        } catch (IOException e) {
            sending.countDown(); // the test is over, or fails for want of it
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void echo(Transport transport, int connections, int bytesEach) throws Exception {
        try (EventLoop loop = EventLoop.builder().transport(transport).start();
                LoopListener listener = loop.listen(
                        Address.parse("tcp://127.0.0.1:0"), (connection, bytes) -> connection.send(bytes))) {
            int port = ((Address.Tcp) listener.address()).port();
            var clients = new ArrayList<Thread>();
            var wrong = new ConcurrentLinkedQueue<String>();
            for (int i = 0; i < connections; i++) {
                int seed = i;
                clients.add(Thread.ofVirtual().start(() -> talk(port, seed, bytesEach, wrong)));
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(wrong).isEmpty();
        }
    }

    private static void talk(int port, int seed, int bytes, Queue<String> wrong) {
        var sent = new byte[bytes];
        new Random(seed).nextBytes(sent);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(sent);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    wrong.add("seed " + seed + ": " + e);
                }
            });
            byte[] back = socket.getInputStream().readAllBytes();
            sender.join();
            if (!Arrays.equals(sent, back)) {
                wrong.add("seed " + seed + ": " + back.length + " bytes came back, or others");
            }
        } catch (IOException | InterruptedException e) {
            wrong.add("seed " + seed + ": " + e);
        }
    }

    @Test
    void aRingBelongsToOneThread() throws Exception {
        var transport = new UringTransport(features);
        try (Poller poller = transport.openPoller()) {
            poller.poll(0);
            var thrown = new ArrayList<Throwable>();
            Thread other = Thread.ofPlatform().name("somebody-else").start(() -> {
                try {
                    poller.poll(0);
                } catch (IOException | IllegalStateException e) {
                    thrown.add(e);
                }
            });
            other.join();
            assertThat(thrown).singleElement().asString().contains("somebody-else");
        }
    }

    @Test
    void whatItCannotBindSaysWhatTheSystemSays() throws Exception {
        var transport = new UringTransport(features);
        var options = SocketOptions.DEFAULT;
        var first = transport.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), options);
        assertThatThrownBy(() -> transport.bind(first.localAddress(), options)).hasMessage("Address already in use");
        first.close();
        assertThatThrownBy(() -> transport.bind(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 0), options))
                .hasMessage("Cannot assign requested address");
    }

    @Test
    void theTransportsThatThereAreAreNamed() {
        List<String> names = Transports.names();
        assertThat(names).containsExactly("nio", "io_uring");
        assertThat(Stream.of("nio", "io_uring").map(Transports::named))
                .allSatisfy(transport -> assertThat(names).contains(transport.name()));
        assertThatThrownBy(() -> Transports.named("pigeon")).hasMessageContaining("nio, io_uring");
    }
}
