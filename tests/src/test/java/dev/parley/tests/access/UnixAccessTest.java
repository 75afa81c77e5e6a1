package dev.parley.tests.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Authorizer;
import dev.parley.CallException;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.transport.PeerCredentials;
import dev.parley.net.transport.RefusedPeerException;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.UnixAccess;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which users may connect to a Unix socket, and that the kernel, not the peer, says who the peer is. */
@Timeout(120)
class UnixAccessTest {
    private static final int MODE_BITS = 0777;

    /** The Python that every user can run. */
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @TempDir
    Path directory = Path.of("");

    private final List<String> refusals = new CopyOnWriteArrayList<>();

    private static long ownId(String option) throws Exception {
        Process id = new ProcessBuilder("id", option).start();
        return Long.parseLong(new String(id.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    }

    private EventLoop newLoop(String transport, UnixAccess access) {
        LoopObserver noting = new LoopObserver() {
            @Override
            public void refused(Address listening, Address peer, IOException cause) {
                assertThat(cause).isInstanceOf(RefusedPeerException.class);
                refusals.add(String.valueOf(cause.getMessage()));
            }
        };
        return bed.keep(EventLoop.builder()
                .transport(Usable.transport(transport))
                .observer(noting)
                .socketOptions(SocketOptions.DEFAULT.withUnixAccess(access))
                .start());
    }

    private Address listen(String transport, UnixAccess access) throws Exception {
        return newLoop(transport, access)
                .listen("unix:" + directory.resolve("s"), (connection, bytes) -> connection.send(bytes))
                .address();
    }

    private static int mode(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:mode") & MODE_BITS;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void eachSideLearnsWhoTheOtherIs(String transport) throws Exception {
        var accepted = new AtomicReference<ConnectionInfo>();
        EventLoop loop = newLoop(transport, UnixAccess.OWNER);
        var listener = loop.listen("unix:" + directory.resolve("s"), connection -> {
            accepted.set(connection);
            return (same, bytes) -> same.send(bytes);
        });
        long pid = transport.equals("nio") ? 0 : ProcessHandle.current().pid();
        var ours = new PeerCredentials(ownId("-u"), ownId("-g"), pid);
        try (Connection connection = Connection.connect(loop, listener.address())) {
            connection.out().write('x');
            assertThat(connection.in().read()).isEqualTo('x');
            assertThat(connection.info().peerCredentials()).as("the server").contains(ours);
            assertThat(accepted.get().peerCredentials()).as("the client").contains(ours);
            assertThat(accepted.get().peerText()).isEqualTo("unix: (" + ours + ")");
        }
        Await.until("it is closed", () -> accepted.get().closeReason() != null);
        assertThat(accepted.get().peerCredentials()).as("after the close").contains(ours);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aPeerOverTcpHasNoCredentials(String transport) throws Exception {
        EventLoop loop = newLoop(transport, UnixAccess.OWNER);
        var listener = loop.listen("tcp://127.0.0.1:0", (connection, bytes) -> connection.send(bytes));
        try (Connection connection = Connection.connect(loop, listener.address())) {
            assertThat(connection.info().peerCredentials()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void onlyTheNamedUsersMayConnect(String transport) throws Exception {
        long own = ownId("-u");
        Address refusing = listen(transport, UnixAccess.OWNER.withUids(own + 1, own + 2));
        for (int i = 0; i < 20; i++) {
            try (var peer = RawPeer.connect(refusing)) {
                assertThat(peer.receiveToEndOrReset()).isEmpty();
            }
        }
        Await.until("each is reported", () -> refusals.size() == 20);
        assertThat(refusals)
                .allMatch(text -> text.contains("uid " + own + ",")
                        && text.endsWith("allowed is uid " + (own + 1) + ", " + (own + 2)));
        directory = Files.createDirectory(directory.resolve("another"));
        Address letting = listen(transport, UnixAccess.OWNER.withUids(own));
        try (var peer = RawPeer.connect(letting)) {
            assertThat(peer.send("x").receive(1)).asString().isEqualTo("x");
        }
    }

    /** The kernel reports the user of another process, whatever that process claims. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aProcessOfAnotherUserIsFoundOut(String transport) throws Exception {
        assumeTrue(ownId("-u") == 0, "only root can start a process of another user");
        assumeTrue(Usable.isInstalled("setpriv") && Files.isExecutable(PYTHON), "setpriv or python3 is missing");
        Files.setAttribute(directory, "unix:mode", 0755);
        for (Path above = directory.getParent(); above != null; above = above.getParent()) {
            assumeTrue((mode(above) & 1) != 0, "others cannot reach " + above);
        }
        Address address = listen(transport, UnixAccess.OWNER.withMode(0666).withUids(4_242));
        String program = "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
                + " s.sendall(b'x'); sys.stdout.write(s.recv(1).decode())";
        assertThat(run(4_242, program, address)).as("the user who may connect").isEqualTo("x");
        assertThat(run(4_243, program, address)).as("another").isNotEqualTo("x");
        Await.until("it is reported", () -> refusals.size() == 1);
        assertThat(refusals.getFirst()).contains("uid 4243, gid 4243");
    }

    private static String run(int user, String program, Address address) throws Exception {
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--reuid=" + user,
                        "--regid=" + user,
                        "--clear-groups",
                        PYTHON.toString(),
                        "-c",
                        program,
                        address.toString().substring("unix:".length()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out;
    }

    @ParameterizedTest
    @CsvSource({"nio, 0600", "nio, 0660", "nio, 0666", "io_uring, 0600", "io_uring, 0660", "io_uring, 0000"})
    void theFileHasTheModeAndTheGroup(String transport, String digits) throws Exception {
        int mode = Integer.parseInt(digits, 8);
        var access = UnixAccess.OWNER.withMode(mode).withGroup(Long.toString(ownId("-g")));
        listen(transport, access);
        assertThat(mode(directory.resolve("s"))).isEqualTo(mode);
        assertThat(Files.getAttribute(directory.resolve("s"), "unix:gid")).isEqualTo((int) ownId("-g"));
    }

    /** A process that checks all the time sees the file with its mode, or not at all. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void theFileNeverHasAnotherMode(String transport) throws Exception {
        Path file = directory.resolve("s");
        Set<Integer> seen = ConcurrentHashMap.newKeySet();
        var ended = new AtomicBoolean();
        Thread looking = Thread.ofPlatform().start(() -> {
            while (!ended.get()) {
                try {
                    seen.add(mode(file));
                } catch (NoSuchFileException notThere) {
                    Thread.onSpinWait();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        EventLoop loop = newLoop(transport, UnixAccess.OWNER.withMode(0620));
        for (int i = 0; i < 200 || seen.isEmpty() && i < 100_000; i++) {
            loop.listen("unix:" + file, (connection, bytes) -> {}).close();
        }
        ended.set(true);
        looking.join();
        assertThat(seen).as("modes").containsExactly(0620);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aGroupThatCannotBeSetIsExplained(String transport) throws Exception {
        assertThatThrownBy(() -> listen(transport, UnixAccess.OWNER.withGroup("no-such-group")))
                .isInstanceOf(BindFailedException.class)
                .hasMessageContaining("no-such-group")
                .hasMessageContaining("the group of the socket does not exist");
        try (var files = Files.list(directory)) {
            assertThat(files).as("what is left behind").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void thePrincipalCanBeTheUser(String transport) throws Exception {
        long own = ownId("-u");
        Server server = bed.keep(Server.builder()
                .authorization(
                        Authorizer.byPeerCredentials(peer -> peer.uid() == own ? () -> "user " + peer.uid() : null))
                .on(
                        "who",
                        (request, exchange) ->
                                Message.text(exchange.principal().orElseThrow().getName()))
                .loop(EventLoop.builder().transport(Usable.transport(transport)))
                .listen("unix:" + directory.resolve("s")));
        try (Client client = Client.builder(server.address()).connect()) {
            assertThat(client.call("who", Message.json("{}")).text()).isEqualTo("user " + own);
        }
        Server overTcp = bed.keep(Server.builder()
                .authorization(Authorizer.byPeerCredentials(peer -> () -> "anyone"))
                .on("who", (request, exchange) -> Message.text("you"))
                .listen("tcp://127.0.0.1:0"));
        try (Client client = Client.builder(overTcp.address()).connect()) {
            assertThatThrownBy(() -> client.call("who", Message.json("{}")))
                    .isInstanceOf(CallException.class)
                    .hasMessageContaining("unauthorized");
        }
    }
}
