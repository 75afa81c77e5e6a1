package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.HostResolver;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.NetworkError;
import dev.parley.net.Receiver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.QuietMachine;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests names and files behind addresses: both loopbacks, every IP of a name, Unix sockets and what is at their path.
 */
@Timeout(300)
class AddressesTest {
    private static final Receiver ECHO = (connection, bytes) -> connection.send(bytes);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();

    private EventLoop start(EventLoop.Builder settings) {
        return bed.newLoop(settings);
    }

    private static void echoes(Address address) throws IOException {
        try (RawPeer peer = RawPeer.connect(address)) {
            assertThat(peer.send("ping").receive(4)).asString().isEqualTo("ping");
        }
    }

    @Test
    void localhostListensOnBothLoopbacksWithOnePort() throws Exception {
        LoopListener listener = start(EventLoop.builder()).listen("tcp://localhost:0", ECHO);
        assertThat(listener.addresses()).hasSize(2);
        for (Address address : listener.addresses()) {
            echoes(address);
        }
        assertThat(listener.addresses())
                .extracting(address -> ((Address.Tcp) address).port())
                .containsOnly(((Address.Tcp) listener.address()).port());
        assertThat(listener.address().toString()).startsWith("tcp://localhost:");
    }

    @Test
    void everyInterfaceIsBothFamiliesAndWarns() throws Exception {
        LoopListener listener = start(EventLoop.builder()).listen("tcp://*:0", ECHO);
        int port = ((Address.Tcp) listener.address()).port();
        echoes(Address.parse("tcp://127.0.0.1:" + port));
        echoes(Address.parse("tcp://[::1]:" + port));
        assertThat(census.warnings()).singleElement().asString().contains("without TLS");
    }

    @Test
    void theIpv4WildcardIsIpv4Alone() throws Exception {
        LoopListener listener = start(EventLoop.builder()).listen("tcp://0.0.0.0:0", ECHO);
        int port = ((Address.Tcp) listener.address()).port();
        echoes(Address.parse("tcp://127.0.0.1:" + port));
        assertThatThrownBy(() -> RawPeer.connect(Address.parse("tcp://[::1]:" + port)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aFreeSecondLoopbackIsNoUseWhenTheFirstIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            EventLoop loop = start(EventLoop.builder());
            assertThatThrownBy(() -> loop.listen("tcp://localhost:" + taken.getLocalPort(), ECHO))
                    .isInstanceOf(BindFailedException.class)
                    .hasMessageContaining("127.0.0.1")
                    .hasMessageContaining(
                            "held by pid " + ProcessHandle.current().pid());
        }
    }

    @Test
    void anAddressOfAnotherHostCannotBeBound() {
        EventLoop loop = start(EventLoop.builder());
        assertThatThrownBy(() -> loop.listen("tcp://192.0.2.1:0", ECHO))
                .isInstanceOfSatisfying(BindFailedException.class, e -> assertThat(e.networkError())
                        .isEqualTo(NetworkError.ADDRESS_NOT_HERE));
    }

    @Test
    void everyAddressOfANameIsTriedInTurn() throws Exception {
        LoopListener listener = start(EventLoop.builder()).listen("tcp://127.0.0.3:0", ECHO);
        int port = ((Address.Tcp) listener.address()).port();
        HostResolver names = host -> List.of(
                InetAddress.ofLiteral("127.0.0.1"),
                InetAddress.ofLiteral("127.0.0.2"),
                InetAddress.ofLiteral("127.0.0.3"));
        EventLoop loop = start(EventLoop.builder().hostResolver(names));
        try (var connection = Connection.connect(loop, Address.parse("tcp://some.name:" + port))) {
            assertThat(connection.info().peerAddress()).hasToString("tcp://127.0.0.3:" + port);
        }
        listener.close();
        assertThatThrownBy(() -> Connection.connect(loop, Address.parse("tcp://some.name:" + port)))
                .isInstanceOfSatisfying(ConnectFailedException.class, e -> {
                    assertThat(e.attempts())
                            .hasSize(3)
                            .allMatch(attempt -> attempt.networkError() == NetworkError.REFUSED);
                    assertThat(e)
                            .hasMessageContaining("tcp://127.0.0.1:" + port + " connection refused")
                            .hasMessageContaining("tcp://127.0.0.2:" + port)
                            .hasMessageContaining("tcp://127.0.0.3:" + port);
                });
    }

    @Test
    void aNameThatDoesNotExistSaysSo() {
        HostResolver none = host -> {
            throw new UnknownHostException(host);
        };
        EventLoop loop = start(EventLoop.builder().hostResolver(none));
        assertThatThrownBy(() -> Connection.connect(loop, Address.parse("tcp://no.such.name:1")))
                .isInstanceOfSatisfying(ConnectFailedException.class, e -> assertThat(e.networkError())
                        .isEqualTo(NetworkError.HOST_NOT_FOUND));
        assertThatThrownBy(() -> loop.listen("tcp://no.such.name:1", ECHO)).hasMessageContaining("host not found");
    }

    /** The exception is a mistake of this side, and says nothing about the name. */
    @Test
    void aResolverThatThrowsIsNamedAsTheReason() {
        for (Throwable thrown : List.of(new IllegalStateException("on purpose"), new NoClassDefFoundError("Names"))) {
            HostResolver broken = host -> {
                throw sneaky(thrown);
            };
            EventLoop loop = start(EventLoop.builder().hostResolver(broken));
            assertThatThrownBy(() -> Connection.connect(loop, Address.parse("tcp://some.name:1")))
                    .isInstanceOfSatisfying(ConnectFailedException.class, e -> assertThat(e.networkError())
                            .isEqualTo(NetworkError.OTHER))
                    .hasMessage("cannot connect to tcp://some.name:1: the resolver of host names threw " + thrown)
                    .hasCause(thrown);
            assertThat(census.takeFailures()).singleElement().asString().contains("tcp://some.name:1");
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void aResolverThatHangsHoldsUpNoOtherAndEndsWithTheTimeout() throws Exception {
        var letGo = new CountDownLatch(1);
        HostResolver hanging = host -> {
            awaitUninterruptibly(letGo);
            throw new UnknownHostException(host);
        };
        var ticker = new ManualTicker();
        EventLoop loop = start(EventLoop.builder().hostResolver(hanging).ticker(ticker));
        LoopListener listener = loop.listen("tcp://127.0.0.1:0", ECHO);
        var connecting = new CompletableFuture<Boolean>();
        Thread.ofVirtual().start(() -> {
            try (var connection = Connection.connect(loop, Address.parse("tcp://slow.name:1"))) {
                connecting.complete(connection.info().accepted());
            } catch (IOException e) {
                connecting.completeExceptionally(e);
            }
        });
        Await.until("the resolver is asked", () -> Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("parley-resolve-")));
        echoes(listener.address());
        ticker.advance(Limits.DEFAULT.connectTimeout().plusMillis(1));
        assertThatThrownBy(() -> connecting.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("timed out after 10 s (the name was not resolved)");
        letGo.countDown();
    }

    /** The clock on the wall shows what the loop's timer adds to the timeout. */
    @Test
    void aResolverThatHangsCostsNoMoreThanTheTimeout() throws Exception {
        var letGo = new CountDownLatch(1);
        HostResolver hanging = host -> {
            awaitUninterruptibly(letGo);
            throw new UnknownHostException(host);
        };
        Duration timeout = Duration.ofMillis(500);
        EventLoop loop =
                start(EventLoop.builder().hostResolver(hanging).limits(Limits.DEFAULT.withConnectTimeout(timeout)));
        var tookNanos = new long[9];
        try (AutoCloseable _ = letGo::countDown) {
            for (int i = 0; i < tookNanos.length; i++) {
                long before = System.nanoTime();
                assertThatThrownBy(() -> Connection.connect(loop, Address.parse("tcp://slow.name:1")))
                        .hasMessageContaining("the name was not resolved");
                tookNanos[i] = System.nanoTime() - before;
            }
        }
        Arrays.sort(tookNanos);
        System.out.printf(
                Locale.ROOT,
                "promise R9: a resolver that hangs: a connect with a timeout of %d ms ends after %.1f to %.1f ms, of %d%n",
                timeout.toMillis(),
                tookNanos[0] / 1e6,
                tookNanos[tookNanos.length - 1] / 1e6,
                tookNanos.length);
        assertThat(tookNanos[0]).isGreaterThanOrEqualTo(timeout.toNanos());
        QuietMachine.assertAtMost("it ends", timeout.plusMillis(100), tookNanos[tookNanos.length / 2]);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A full backlog answers nothing, like a host behind a firewall. */
    @Test
    void aPeerThatNeverAnswersEndsWithTheTimeout() throws Exception {
        var ticker = new ManualTicker();
        EventLoop loop = start(EventLoop.builder().ticker(ticker));
        try (var silent = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Address address = Address.parse("tcp://127.0.0.1:" + silent.getLocalPort());
            var connections = new ArrayList<LoopConnection>();
            for (int i = 0; i < 8; i++) {
                connections.add(loop.connect(address, (connection, bytes) -> {}));
            }
            Await.until("some wait", () -> {
                ticker.advance(Duration.ofSeconds(1));
                return connections.stream().anyMatch(connection -> connection.closeReason() != null);
            });
            assertThat(connections).anySatisfy(connection -> assertThat(connection.closeCause())
                    .isInstanceOf(ConnectFailedException.class)
                    .hasMessageContaining("timed out after 10 s (no answer)"));
        }
    }

    // Unix sockets.

    @Test
    void aUnixSocketIsForItsOwnerAndGoneAfterwards(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("s");
        LoopListener listener = start(EventLoop.builder()).listen("unix:" + path, ECHO);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(filesIn(directory)).containsExactly(path);
        echoes(listener.address());
        listener.close();
        assertThat(filesIn(directory)).isEmpty();
    }

    private static List<Path> filesIn(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void aStaleSocketIsTakenOver(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("s");
        try (var old = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            old.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists(); // the JDK leaves it behind
        LoopListener listener = start(EventLoop.builder()).listen("unix:" + path, ECHO);
        echoes(listener.address());
        assertThat(filesIn(directory)).containsExactly(path);
    }

    @Test
    void aLiveSocketIsLeftAlone(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("s");
        LoopListener first = start(EventLoop.builder()).listen("unix:" + path, ECHO);
        EventLoop second = start(EventLoop.builder());
        assertThatThrownBy(() -> second.listen("unix:" + path, ECHO))
                .isInstanceOfSatisfying(BindFailedException.class, e -> assertThat(e.networkError())
                        .isEqualTo(NetworkError.ADDRESS_IN_USE))
                .hasMessageContaining("held by pid " + ProcessHandle.current().pid());
        echoes(first.address());
    }

    @Test
    void whatIsNoSocketIsLeftAlone(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("precious"), "data");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        EventLoop loop = start(EventLoop.builder());
        for (Path path : List.of(file, link)) {
            assertThatThrownBy(() -> loop.listen("unix:" + path, ECHO))
                    .isInstanceOfSatisfying(BindFailedException.class, e -> assertThat(e.networkError())
                            .isEqualTo(NetworkError.PATH_EXISTS));
        }
        assertThat(file).hasContent("data");
        assertThat(filesIn(directory)).containsExactlyInAnyOrder(file, link);
    }

    @Test
    void aDirectoryThatIsMissingOrOpenToAllIsRefused(@TempDir Path directory) throws Exception {
        EventLoop loop = start(EventLoop.builder());
        assertThatThrownBy(() -> loop.listen("unix:" + directory.resolve("no/s"), ECHO))
                .isInstanceOfSatisfying(BindFailedException.class, e -> assertThat(e.networkError())
                        .isEqualTo(NetworkError.NO_SUCH_PATH));
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> loop.listen("unix:" + open.resolve("s"), ECHO))
                .hasMessageContaining("writable by others");
    }

    @Test
    void aPathThatJustFitsWorks(@TempDir Path directory) throws Exception {
        int room = 106 - directory.toString().length() - 1;
        Path path = directory.resolve("x".repeat(room));
        LoopListener listener = start(EventLoop.builder()).listen("unix:" + path, ECHO);
        echoes(listener.address());
    }

    @Test
    void twoServersRaceForAStaleSocketAndOneWins(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("s");
        EventLoop one = start(EventLoop.builder());
        EventLoop other = start(EventLoop.builder());
        for (int round = 0; round < 100; round++) {
            try (var old = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                old.bind(UnixDomainSocketAddress.of(path));
            }
            CompletableFuture<Boolean> first = tryToListen(one, path);
            CompletableFuture<Boolean> second = tryToListen(other, path);
            assertThat(List.of(first.get(60, TimeUnit.SECONDS), second.get(60, TimeUnit.SECONDS)))
                    .as("round %d", round)
                    .containsExactlyInAnyOrder(true, false);
            assertThat(filesIn(directory)).isEmpty();
        }
    }

    private final CyclicBarrier bothHaveTried = new CyclicBarrier(2);

    /** Returns whether it won; the winner listens until the other has tried too. */
    private CompletableFuture<Boolean> tryToListen(EventLoop loop, Path path) {
        var won = new CompletableFuture<Boolean>();
        Thread.ofPlatform().start(() -> {
            try {
                won.complete(listenOnce(loop, path));
            } catch (Exception e) {
                won.completeExceptionally(e);
            }
        });
        return won;
    }

    private boolean listenOnce(EventLoop loop, Path path) throws Exception {
        try (LoopListener listener = loop.listen("unix:" + path, ECHO)) {
            bothHaveTried.await(60, TimeUnit.SECONDS);
            return listener.addresses().size() == 1;
        } catch (BindFailedException lost) {
            bothHaveTried.await(60, TimeUnit.SECONDS);
            return false;
        }
    }

    /** TCP waits in the kernel; a Unix socket's full queue is not a refusal either, as long as there is time. */
    @Test
    void aFullQueueOfAUnixSocketIsWaitedFor(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("full");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path), 1);
            var waiting = new ArrayList<SocketChannel>();
            for (int i = 0; i < 2; i++) {
                waiting.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
            }
            EventLoop loop = start(EventLoop.builder());
            var opened = new CountDownLatch(1);
            loop.connect("unix:" + path, new Receiver() {
                @Override
                public void opened(LoopConnection connection) {
                    opened.countDown();
                    connection.close();
                }

                @Override
                public void bytes(LoopConnection connection, ByteBuffer bytes) {}
            });
            assertThat(opened.await(100, TimeUnit.MILLISECONDS)).isFalse();
            server.accept().close();
            assertThat(opened.await(60, TimeUnit.SECONDS)).isTrue();
            for (SocketChannel each : waiting) {
                each.close();
            }
        }
    }
}
