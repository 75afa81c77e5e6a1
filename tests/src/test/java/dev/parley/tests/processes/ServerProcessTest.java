package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.cli.CommandInProcess;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.ChildJvm;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests our servers as processes: signals, the limit of open files, many idle connections in little memory. */
@Timeout(300)
class ServerProcessTest {
    private final Programs programs = new Programs();
    private final List<RawPeer> peers = new ArrayList<>();

    @AfterEach
    void end() throws IOException {
        for (RawPeer peer : peers) {
            peer.close();
        }
        programs.close();
    }

    private RawPeer connect(String address) throws IOException {
        RawPeer peer = RawPeer.connect(Address.parse(address));
        peers.add(peer);
        return peer;
    }

    private static void echoes(RawPeer peer) throws IOException {
        assertThat(peer.send("ping").receive(4))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("ping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "multi", "app"})
    void sigtermClosesCleanly(String iteration, @TempDir Path directory) throws Exception {
        Path socket = directory.resolve("s");
        var server = programs.parley(iteration, "server", "unix:" + socket);
        RawPeer peer = connect(Programs.addressOf(server));
        server.terminate();
        assertThat(peer.receiveToEnd()).isEmpty();
        assertThat(server.exitCode()).isEqualTo(143);
        // Whether the connection was accepted by then is chance.
        assertThat(server.err().replace("parley: drained: 1 of 1 connections finished\n", ""))
                .isEqualTo("parley: closed\n");
        assertThat(socket).doesNotExist();
    }

    @Test
    void aProgramOfTheUsersThatIsToldToEndLeavesNoSocketFile(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("s");
        Path file = Files.writeString(directory.resolve("Serve.java"), """
                void main() throws Exception {
                    try (var listener = dev.parley.net.Listener.open("unix:SOCKET")) {
                        IO.println("listening on " + listener.address());
                        listener.serve(connection -> {});
                    }
                }
                """.replace("SOCKET", socket.toString()));
        var program = programs.parley("run", file.toString());
        assertThat(Programs.addressOf(program)).isEqualTo("unix:" + socket);
        program.terminate();
        assertThat(program.exitCode()).isEqualTo(143);
        assertThat(socket).doesNotExist();
    }

    @Test
    void thePortFileHasThePort(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("port");
        var server = programs.parley("multi", "server", "tcp://127.0.0.1:0", "--port-file", file.toString(), "--json");
        assertThat(server.firstLine()).startsWith("{\"event\": \"listening\"");
        String port = Files.readString(file).strip();
        echoes(connect("tcp://127.0.0.1:" + port));
        var wait = programs.parley("wait", "tcp://127.0.0.1:" + port);
        assertThat(wait.exitCode()).isZero();
        server.terminate();
        assertThat(server.exitCode()).isEqualTo(143);
        assertThat(file).doesNotExist();
    }

    /** A server that starts while its process already ends, for example after an early signal. */
    static final class Ending {
        public static void main(String[] args) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                var server = CommandInProcess.run("echo", "server", "tcp://127.0.0.1:0", "--port-file", args[0]);
                System.out.println("status " + server.status() + ", said '" + server.err() + "'");
            }));
        }
    }

    @Test
    void aSignalDuringTheStartLeavesNoPortFileAndNoTrace(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("port");
        var process = programs.main(List.of(), Ending.class, file.toString());
        assertThat(process.exitCode()).isZero();
        assertThat(process.out()).isEqualTo("status 143, said ''\n");
        assertThat(process.err()).isEmpty();
        assertThat(file).doesNotExist();
    }

    /** The pipe is full, and the thread that writes waits, with the lock of the streams. */
    @Test
    void sigtermEndsAClientWhoseReaderHasStopped(@TempDir Path directory) throws Exception {
        var server = programs.parley("multi", "server", "tcp://127.0.0.1:0");
        Path much = Files.write(directory.resolve("much"), new byte[4_000_000]);
        var command = new ArrayList<>(ChildJvm.command());
        command.addAll(List.of("echo", "client", Programs.addressOf(server)));
        Process client =
                new ProcessBuilder(command).redirectInput(much.toFile()).start();
        try {
            Await.until("the pipe is full", () -> available(client.getInputStream()) >= 65_536);
            client.toHandle().destroy();
            assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(client.exitValue()).isEqualTo(143);
        } finally {
            client.destroyForcibly();
        }
    }

    /** The loop's thread writes to the full pipe, so closing the loop never ends. */
    @ParameterizedTest
    @ValueSource(strings = {"echo", "multi", "app"})
    void sigtermEndsAServerWhoseReaderHasStopped(String iteration) throws Exception {
        var command = new ArrayList<>(ChildJvm.command());
        command.addAll(List.of(iteration, "server", "tcp://127.0.0.1:0", "-v", "--transport", "nio"));
        if (iteration.equals("app")) {
            command.addAll(List.of("--drain-timeout", "0"));
        }
        Process server = new ProcessBuilder(command).start();
        try {
            String listening = server.inputReader(StandardCharsets.UTF_8).readLine();
            String address = listening.replace("listening on ", "");
            while (writesAbout(address, server.getErrorStream())) {}
            assertThat(available(server.getErrorStream())).isGreaterThan(60_000);
            server.toHandle().destroy();
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isEqualTo(143);
        } finally {
            server.destroyForcibly();
        }
    }

    /** Connects, and returns false if the server writes nothing about it, as the pipe is full. */
    private static boolean writesAbout(String address, InputStream err) throws IOException {
        int before = available(err);
        try (var _ = RawPeer.connect(Address.parse(address))) {
            return Await.within(Duration.ofSeconds(2), () -> available(err) > before);
        }
    }

    private static int available(InputStream in) {
        try {
            return in.available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * If no descriptor is left, the server does not spin, logs one line, serves its clients, and goes on accepting
     * later.
     */
    @ParameterizedTest
    @CsvSource({"echo, nio", "multi, nio", "echo, io_uring", "multi, io_uring"})
    void tooManyOpenFilesLeaveOpenConnectionsServed(String iteration, String transport) throws Exception {
        var server =
                programs.parleyWithOpenFiles(128, iteration, "server", "tcp://127.0.0.1:0", "--transport", transport);
        String address = Programs.addressOf(server);
        RawPeer first = connect(address);
        echoes(first);
        for (int i = 0; i < 200; i++) {
            connect(address);
        }
        Path stat = Path.of("/proc/" + server.process.pid() + "/stat");
        assumeTrue(Files.exists(stat), "the system does not show a process's time");
        long before = cpuTicks(stat);
        for (int i = 0; i < 20; i++) {
            echoes(first);
            assertThat(Await.within(Duration.ofMillis(50), () -> !server.process.isAlive()))
                    .isFalse();
        }
        // A spin would have taken a whole core for that second: 100 ticks.
        assertThat(cpuTicks(stat) - before).isLessThan(50);
        for (RawPeer peer : peers.subList(1, 170)) {
            peer.close();
        }
        echoes(connect(address));
        server.terminate();
        server.exitCode();
        assertThat(server.err().lines().filter(line -> line.contains("too many open files")))
                .hasSize(1);
        assertThat(server.err()).contains("ulimit -n");
    }

    private static long cpuTicks(Path stat) throws IOException {
        String[] fields = Files.readString(stat).split(" ", -1);
        return Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
    }

    @Test
    void anUlimitTooLowIsToldAtTheStart() throws Exception {
        var server = programs.parleyWithOpenFiles(500, "multi", "server", "tcp://127.0.0.1:0");
        server.firstLine();
        server.terminate();
        server.exitCode();
        assertThat(server.err()).contains("the limit of open files (ulimit -n) is 500, too low for 10000 connections");
        var client = programs.parleyWithOpenFiles(500, "multi", "client", "--connections", "400");
        assertThat(client.exitCode()).isEqualTo(2);
        assertThat(client.err()).contains("too low for 400 connections");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void manyIdleConnectionsFitInLittleMemory(String transport) throws Exception {
        int idle = 9_900;
        assumeTrue(openFilesMax() > idle + 1_000, "the limit of open files is too low here");
        Usable.transport(transport);
        var server = programs.parleyWith(
                Programs.LITTLE_MEMORY, "multi", "server", "tcp://127.0.0.1:0", "--transport", transport);
        String address = Programs.addressOf(server);
        for (int i = 0; i < idle; i++) {
            RawPeer peer = connect(address);
            if (i % 100 == 0) {
                echoes(peer);
            }
        }
        for (int i = 0; i < idle; i += 250) {
            echoes(peers.get(i));
        }
        assertThat(server.process.isAlive()).isTrue();
    }

    private static long openFilesMax() throws IOException {
        Path limits = Path.of("/proc/self/limits");
        if (!Files.exists(limits)) {
            return 0;
        }
        return Files.readAllLines(limits).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.split("\\s+", -1)[3].toLowerCase(Locale.ROOT))
                .mapToLong(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
                .findFirst()
                .orElse(0);
    }

    @Test
    void tenThousandConnectionsFromOneClient() throws Exception {
        assumeTrue(openFilesMax() > 11_000, "the limit of open files is too low here");
        var server = programs.parley("multi", "server", "tcp://127.0.0.1:0");
        var client = programs.parley("multi", "client", Programs.addressOf(server), "--connections", "10000", "--json");
        assertThat(client.exitCode()).as(() -> client.err()).isZero();
        assertThat(client.out()).contains("\"complete\": 10000").contains("\"received_bytes\": 440000");
    }
}
