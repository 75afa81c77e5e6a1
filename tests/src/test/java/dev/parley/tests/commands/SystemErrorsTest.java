package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.cli.CommandInProcess;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.SilentHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the errors of the system at each command: the right status, and one line that names the cause. */
@Timeout(300)
class SystemErrorsTest {
    /** Every write to a file fails as on a full disk (EFBIG instead of ENOSPC); the JVM's own files are left out. */
    private static final List<String> NO_SPACE =
            List.of("sh", "-c", "ulimit -f 0; export JAVA_TOOL_OPTIONS=-XX:-UsePerfData; exec \"$@\"", "sh");

    private final Programs programs = new Programs();

    @AfterEach
    void endThem() {
        programs.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 1024, 4096})
    void theTourNeedsFewOpenFiles(int openFiles) throws Exception {
        var tour = programs.parleyWithOpenFiles(openFiles, "tour", "--json");
        assertThat(tour.exitCode()).as(tour.err()).isZero();
        assertThat(tour.err()).isEmpty();
    }

    @Test
    void fewConnectionsNeedFewOpenFiles() throws Exception {
        var server = programs.parley("multi", "server", "tcp://127.0.0.1:0");
        var client = programs.parleyWithOpenFiles(128, "multi", "client", Programs.addressOf(server), "-n", "10");
        assertThat(client.exitCode()).as(client.err()).isZero();
        assertThat(client.err()).isEmpty();
    }

    @Test
    void aPictureIsThereWholeOrNotAtAll(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("echo.svg"), "that of before");
        var tour = programs.parleyUnder(NO_SPACE, "tour", "--svg", directory.toString());
        assertThat(tour.exitCode()).isEqualTo(1);
        assertThat(tour.err().lines().toList())
                .last()
                .isEqualTo("parley: cannot write the picture " + directory.resolve("echo.svg") + ": File too large");
        assertThat(directory.resolve("echo.svg")).hasContent("that of before");
        assertThat(directory).isDirectoryNotContaining("glob:**parley*");
    }

    @Test
    void aProjectIsThereWholeOrNotAtAll(@TempDir Path directory) throws Exception {
        var maker = programs.mainUnder(NO_SPACE, List.of(), ProjectMaker.class, directory.toString());
        assertThat(maker.exitCode()).isEqualTo(1);
        assertThat(maker.out()).isEqualTo("cannot make the project 'hello' in this directory: File too large\n");
        assertThat(directory).isEmptyDirectory();
    }

    /** Another user may have put a link where a file is to be: what it points at stays as it is. */
    @Test
    void aPictureIsNotWrittenThroughALink(@TempDir Path directory) throws Exception {
        Path precious = Files.writeString(directory.resolve("precious"), "mine");
        Path pictures = Files.createDirectory(directory.resolve("pictures"));
        Files.createSymbolicLink(pictures.resolve("echo.svg"), precious);
        assertThat(CommandInProcess.run("tour", "--svg", pictures.toString()).status())
                .isZero();
        assertThat(precious).hasContent("mine");
        assertThat(pictures.resolve("echo.svg")).isRegularFile();
    }

    @Test
    void aDirectoryThatCannotBeMadeIsToldInTheSystemsWords(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        CommandInProcess tour = CommandInProcess.run("tour", "--svg", file.toString());
        assertThat(tour.status()).isEqualTo(1);
        assertThat(tour.err()).hasLineCount(1).doesNotContain("Exception").contains("there is something of that name");
    }

    @ParameterizedTest
    @CsvSource({"call ADDRESS x {}", "echo client ADDRESS hi", "multi client ADDRESS", "wait ADDRESS"})
    void aHostThatDropsPacketsIsGivenUpWithinTheTimeout(String line) throws Exception {
        InetSocketAddress endpoint = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), freePort());
        try (var _ = new SilentHost(endpoint)) {
            CommandInProcess command = run(line + " --timeout 300ms", "tcp://127.0.0.1:" + endpoint.getPort());
            assertThat(command.status()).as(command.err()).isEqualTo(4);
            assertThat(command.err()).hasLineCount(1).contains("300 ms").contains("127.0.0.1:" + endpoint.getPort());
        }
    }

    /** The server accepts, and answers nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "call ADDRESS x {}",
                "call ADDRESS x {} --stream",
                "app client ADDRESS search x",
                "echo client ADDRESS hi",
                "multi client ADDRESS",
                "multi client ADDRESS -n 30"
            })
    void aServerThatAnswersNothingIsGivenUpWithinTheTimeout(String line) throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
            CommandInProcess command = run(line + " --timeout 300ms", "tcp://127.0.0.1:" + silent.getLocalPort());
            assertThat(command.status()).as(command.err()).isEqualTo(4);
            assertThat(command.err()).hasLineCount(1).contains("300 ms");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "call ADDRESS x {}",
                "call ADDRESS x {} --stream",
                "call ADDRESS x {} --one-way",
                "app client ADDRESS search x",
                "echo client ADDRESS hi",
                "multi client ADDRESS"
            })
    void withoutAListenerEachCommandSaysSo(String line) throws Exception {
        for (String address :
                List.of("tcp://127.0.0.1:" + freePort(), "unix:/tmp/parley-nobody-" + System.nanoTime())) {
            CommandInProcess command = run(line, address);
            assertThat(command.status()).as(command.err()).isEqualTo(3);
            assertThat(command.err())
                    .hasLineCount(1)
                    .contains("cannot connect to " + address)
                    .contains("is the server started");
            assertThat(command.out()).doesNotContain("cannot connect");
        }
        CommandInProcess unknown = run(line, "tcp://" + "x".repeat(64) + ":1");
        assertThat(unknown.status()).as(unknown.err()).isEqualTo(3);
        assertThat(unknown.err()).hasLineCount(1).contains("host not found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "--help", "help call", "tour", "tour --json", "echo server tcp://127.0.0.1:0"})
    void aReaderThatHasGoneIsNoNewsAndAFullDeviceIs(String line) throws Exception {
        assertThat(Files.exists(Path.of("/dev/full"))).isTrue();
        var full = programs.parleyUnder(redirected(">/dev/full"), line.split(" ", -1));
        assertThat(full.exitCode()).isEqualTo(1);
        assertThat(full.err()).isEqualTo("parley: cannot write to standard output: No space left on device\n");
        var gone = programs.parleyUnder(redirected("| true"), line.split(" ", -1));
        assertThat(gone.exitCode()).isZero(); // of the last command of the pipe
        assertThat(gone.err()).isEmpty();
    }

    private static List<String> redirected(String to) {
        return List.of("sh", "-c", "\"$@\" " + to, "sh");
    }

    private static CommandInProcess run(String line, String address) {
        return CommandInProcess.run(line.replace("ADDRESS", address).split(" ", -1));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
