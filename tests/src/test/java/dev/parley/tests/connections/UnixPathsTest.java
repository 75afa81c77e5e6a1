package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.AddressException;
import dev.parley.net.BindFailedException;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopListener;
import dev.parley.net.NetworkError;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Listens on Unix sockets whose paths have each length and form; no other file is left beside them, in any case. */
@Timeout(300)
class UnixPathsTest {
    private static final int PATH_BYTES_MAX = 106;
    private static final int RACES = Integer.getInteger("parley.races", 50);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Path directory = Path.of("");

    /** Makes a directory with the shortest possible path, so that the name is what is long. */
    @BeforeEach
    void make() throws Exception {
        directory = Files.createTempDirectory("p");
    }

    @AfterEach
    void remove() throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }

    private EventLoop newLoop(String transport) {
        return bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
    }

    /** The system reports it at once, so it is known when the time is over. Also, there is no firewall in between. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aServerThatDoesNotAcceptIsNamedAsTheReason(String transport) throws Exception {
        Path path = directory.resolve("s");
        EventLoop loop = bed.newLoop(EventLoop.builder()
                .transport(Usable.transport(transport))
                .limits(Limits.DEFAULT.withConnectTimeout(Duration.ofMillis(200))));
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path), 1);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 20; i++) {
                            bed.keep(Connection.connect(loop, new Address.Unix(path)));
                        }
                    })
                    .isInstanceOfSatisfying(ConnectFailedException.class, failed -> {
                        assertThat(failed.networkError()).isEqualTo(NetworkError.TIMED_OUT);
                        assertThat(failed.attempts().getFirst().networkError()).isEqualTo(NetworkError.BACKLOG_FULL);
                    })
                    .hasMessage("cannot connect to unix:" + path + ": timed out after 200 ms (the server's queue of new"
                            + " connections is full); the server does not accept: is it stuck?");
        }
    }

    private List<Path> left(Path in) throws Exception {
        try (Stream<Path> files = Files.list(in)) {
            return files.toList();
        }
    }

    private void serves(String transport, Path path) throws Exception {
        try (EventLoop loop = newLoop(transport);
                LoopListener _ = loop.listen("unix:" + path, (connection, bytes) -> connection.send(bytes))) {
            assertThat(Files.getPosixFilePermissions(path)).as("%s", path).hasSize(2);
            assertThat(left(Objects.requireNonNull(path.getParent()))).containsExactly(path);
            try (Connection connection = Connection.connect(loop, new Address.Unix(path))) {
                connection.out().write('x');
                assertThat(connection.in().read()).isEqualTo('x');
            }
        }
        assertThat(left(Objects.requireNonNull(path.getParent()))).isEmpty();
    }

    /**
     * The test tries all lengths, from the one for which the private directory just has room to the one for which the
     * path has no room for one byte more.
     */
    @ParameterizedTest
    @CsvSource({"nio, x", "io_uring, x", "nio, é", "io_uring, é"})
    void aLongNameServes(String transport, String letter) throws Exception {
        int letterBytes = letter.getBytes(StandardCharsets.UTF_8).length;
        int room = PATH_BYTES_MAX - directory.toString().length() - 1;
        for (int bytes = 80 - directory.toString().length(); bytes <= room; bytes++) {
            String odd = "y".repeat(bytes % letterBytes);
            serves(transport, directory.resolve(letter.repeat(bytes / letterBytes) + odd));
        }
    }

    @ParameterizedTest
    @CsvSource({"nio", "io_uring"})
    void aLongDirectoryServes(String transport) throws Exception {
        for (int name = 1; name <= 12; name++) {
            int room = PATH_BYTES_MAX - directory.toString().length() - 2 - name;
            Path deep = Files.createDirectory(directory.resolve("d".repeat(room)));
            serves(transport, deep.resolve("s".repeat(name)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..", "/", "./", "a/.", "a/..", "a/", "/tmp/"})
    void aDirectoryIsRefusedInWords(String path) {
        assertThatThrownBy(() -> Address.parse("unix:" + path))
                .isInstanceOf(AddressException.class)
                .hasMessageContaining("it names a directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"@x", "@", "@a/b", "\0x"})
    void anAbstractNameIsRefusedWithTheFormThatIsAFile(String path) {
        String file = "unix:./@" + path.substring(1);
        assertThatThrownBy(() -> Address.parse("unix:" + path))
                .isInstanceOf(AddressException.class)
                .hasMessageContaining("abstract names are not supported")
                .hasMessageContaining(file);
    }

    @Test
    void aFileWhoseNameBeginsSoIsOne() {
        assertThat(Address.parse("unix:./@x")).isEqualTo(new Address.Unix(Path.of("./@x")));
        assertThat(Address.parse("unix:./@x")).hasToString("unix:./@x");
        assertThat(Address.parse("unix:/run/@x")).hasToString("unix:/run/@x");
    }

    /** The system's own reason is reported, and not that of cleaning up. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void whatIsInTheWayStaysAndNothingElseIsLeft(String transport) throws Exception {
        Path inTheWay = Files.createDirectory(directory.resolve("taken"));
        try (EventLoop loop = newLoop(transport)) {
            assertThatThrownBy(() -> loop.listen("unix:" + inTheWay, (connection, bytes) -> connection.send(bytes)))
                    .isInstanceOf(BindFailedException.class);
        }
        assertThat(left(directory)).containsExactly(inTheWay);
    }

    /** Two servers find the file of one that died, and both replace it: exactly one of them listens in the end. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void oneOfTwoRacingServersListens(String transport) throws Exception {
        Path path = directory.resolve("s");
        EventLoop first = newLoop(transport);
        EventLoop second = newLoop(transport);
        try (var threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < RACES; round++) {
                try (var died = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                    died.bind(UnixDomainSocketAddress.of(path));
                }
                var start = new CyclicBarrier(2);
                List<Future<Optional<LoopListener>>> racing = Stream.of(first, second)
                        .map(loop -> threads.submit(() -> {
                            start.await();
                            return tryListen(loop, path);
                        }))
                        .toList();
                List<LoopListener> listening = new ArrayList<>();
                for (Future<Optional<LoopListener>> each : racing) {
                    each.get().ifPresent(listening::add);
                }
                assertThat(listening).as("round %d", round).hasSize(1);
                listening.getFirst().close();
                assertThat(left(directory)).as("round %d", round).isEmpty();
            }
        }
    }

    private static Optional<LoopListener> tryListen(EventLoop loop, Path path) {
        try {
            return Optional.of(loop.listen("unix:" + path, (connection, bytes) -> {}));
        } catch (BindFailedException inUse) {
            return Optional.empty();
        }
    }
}
