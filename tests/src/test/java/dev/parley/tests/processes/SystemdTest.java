package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.Programs;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a server that systemd starts: it takes over the socket, and reports its status. Python plays systemd. */
@Timeout(300)
class SystemdTest {
    private final Programs programs = new Programs();

    @TempDir
    private Path directory;

    @BeforeEach
    void needsPython() {
        assumeTrue(Programs.hasPython(), "no python3");
    }

    @AfterEach
    void end() {
        programs.close();
    }

    private Programs.Running service(String where, String notify, String... args) throws Exception {
        List<String> systemd = List.of("python3", "src/test/python/systemd.py", where, notify);
        return programs.parleyUnder(systemd, args);
    }

    private static void awaitLine(Programs.Running service, String line) {
        Await.until(
                "systemd hears " + line + ", not " + service.outSoFar() + service.errSoFar(),
                () -> service.outSoFar().lines().anyMatch(line::equals));
    }

    @ParameterizedTest
    @CsvSource({
        "echo, nio, tcp, path", "echo, io_uring, unix, abstract",
        "multi, nio, unix, abstract", "multi, io_uring, tcp, path",
        "app, nio, tcp, abstract", "app, io_uring, tcp, abstract"
    })
    void takesOverTheSocketAndTellsHowItGoes(String iteration, String transport, String socket, String notify)
            throws Exception {
        String where = socket.equals("tcp") ? "tcp" : directory.resolve("s").toString();
        Path notifyPath = directory.resolve("n");
        var service = service(
                where,
                notify.equals("path") ? notifyPath.toString() : "@parley" + notifyPath,
                iteration,
                "server",
                "systemd:",
                "--transport",
                transport);
        String address = service.firstLine();
        awaitLine(service, "READY=1|STATUS=listening on " + address);
        awaitLine(service, "WATCHDOG=1");
        try (RawPeer peer = RawPeer.connect(Address.parse(address))) {
            if (!iteration.equals("app")) {
                assertThat(peer.send("ping").receive(4)).asString().isEqualTo("ping");
            }
            service.terminate();
            assertThat(peer.receiveToEnd()).isEmpty();
        }
        assertThat(service.exitCode()).isEqualTo(143);
        assertThat(service.out()).contains("\nSTOPPING=1\n");
        // Whether the connection was accepted by then is chance.
        assertThat(service.err().replace("parley: drained: 1 of 1 connections finished\n", ""))
                .isEqualTo("listening on " + address + "\nparley: closed\n");
    }

    @Test
    void withoutASocketItSaysWhatToDo() throws Exception {
        var alone = programs.parley("multi", "server", "systemd:");
        alone.process.getOutputStream().close();
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.err()).contains("it has passed none").contains("Accept=no");
    }

    /** Systemd has made the file of the socket, with the rights of its unit. */
    @ParameterizedTest
    @ValueSource(strings = {"--socket-mode=660", "--socket-group=0"})
    void rightsOfASocketOfSystemdAreItsUnits(String option) throws Exception {
        String socket = directory.resolve("s").toString();
        var service = service(socket, directory.resolve("n").toString(), "multi", "server", "systemd:", option);
        Await.until("it says so", () -> service.errSoFar().contains(option.split("=", 2)[0] + " has no effect"));
        assertThat(service.errSoFar()).contains("set SocketMode= and SocketGroup= in its .socket unit");
    }

    /** It would serve without TLS, and its operator would not know. */
    @Test
    void tlsAtAUnixSocketOfSystemdIsRefused() throws Exception {
        String socket = directory.resolve("s").toString();
        var service = service(
                socket, directory.resolve("n").toString(), "multi", "server", "systemd:", "--tls-cert=server.pem");
        Await.until("it says so", () -> service.errSoFar()
                .contains("--tls-cert has an effect only at a tls:// address, not at 'unix:" + socket + "'"));
    }

    @Test
    void aManagerThatDoesNotListenCostsALine() throws Exception {
        var server = programs.parleyUnder(
                List.of("env", "NOTIFY_SOCKET=" + directory.resolve("nobody")), "multi", "server", "tcp://127.0.0.1:0");
        assertThat(server.firstLine()).startsWith("listening on ");
        Await.until("it has said so", () -> server.errSoFar().contains("cannot notify the service manager"));
        server.terminate();
        assertThat(server.exitCode()).isEqualTo(143);
    }
}
