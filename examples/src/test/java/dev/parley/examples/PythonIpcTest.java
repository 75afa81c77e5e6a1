package dev.parley.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.examples.PythonIpc.Numbers;
import dev.parley.examples.PythonIpc.Summary;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class PythonIpcTest {
    private final Census census = new Census();

    @TempDir
    private Path folder;

    @BeforeEach
    void needsPython() throws Exception {
        assumeTrue(PythonIpc.hasPython(), "python3 is not installed");
    }

    @Test
    void thePageShowsWhatTheDemonstrationPrints() throws Exception {
        assertThat(Demonstration.outputOf(PythonIpc::main))
                .isEqualTo(Demonstration.shownOn("python-ipc.md", "PythonIpc.java"));
    }

    @Test
    void pythonAsksJava() throws Exception {
        Path socket = folder.resolve("s");
        try (var server = PythonIpc.serving().observer(census).listen("unix:" + socket)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            Process asking = PythonIpc.python("client", socket.toString(), "coffee", "ü", "tea");
            assertThat(new String(asking.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo("coffee: 3 left\nü: no-such-item\ntea: 12 left\n");
            assertThat(asking.waitFor()).isZero();
            assertThat(server.requests()).isEqualTo(3);
        }
        assertThat(folder).isEmptyDirectory();
        assertThat(census.closedByReason().values()).containsExactly(1L); // all three on one connection
        census.assertNothingLeft();
    }

    private static final byte[] NEGATIVE = "\0\u0016{\"content-length\": -1}and more".getBytes(UTF_8);

    private interface Asking {
        void ask(Path socket, Client client) throws Exception;
    }

    private void withPythonAnswering(Asking asking) throws Exception {
        Path socket = folder.resolve("s");
        Process answering = PythonIpc.python("server", socket.toString());
        try (BufferedReader lines = answering.inputReader(UTF_8)) {
            assertThat(lines.readLine()).isEqualTo("listening on unix:" + socket);
            try (var client = Client.builder(Address.parse("unix:" + socket))
                    .loop(EventLoop.builder().observer(census))
                    .connect()) {
                asking.ask(socket, client);
            }
        } finally {
            answering.destroy();
        }
        assertThat(answering.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(answering.exitValue()).isZero();
        assertThat(folder).isEmptyDirectory(); // it takes its socket with it
        census.assertNothingLeft();
    }

    @Test
    void javaAsksPythonManyThingsAtOnceOnOneConnection() throws Exception {
        withPythonAnswering((socket, client) -> {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            var answers = new ArrayList<CompletableFuture<Summary>>();
            for (double i = 0; i < 50; i++) {
                var numbers = new Numbers(List.of(i, i + 2));
                answers.add(client.callAsync(PythonIpc.SUMMARY, numbers).toCompletableFuture());
            }
            for (int i = 0; i < 50; i++) {
                assertThat(answers.get(i).get().mean()).isEqualTo(i + 1);
            }
            assertThat(census.open()).isEqualTo(1);
        });
    }

    @Test
    void whatPythonRaisesIsARefusalHere() throws Exception {
        withPythonAnswering((socket, client) -> {
            assertThat(PythonIpc.summarize(client, List.of(1.0))).isEqualTo("refused: too-few");
            assertThat(Rpc.ended(() -> client.call("summary", Message.json("{\"values\": [\"a\", \"b\"]}"))))
                    .endsWith(": bad-question");
            assertThat(Rpc.ended(() -> client.call("summary", Message.json("{\"values\": [1e308, 1e308]}"))))
                    .endsWith(": bad-question");
            assertThat(Rpc.ended(() -> client.call(
                            "summary", Message.json("{\"values\": [1, %s]}".formatted("1" + "0".repeat(400))))))
                    .endsWith(": bad-question");
            assertThat(Rpc.ended(() -> client.call("other", Message.json("{\"values\": []}"))))
                    .endsWith(": no-such-action");
            assertThat(PythonIpc.summarize(client, List.of(1.0, 3.0))).startsWith("Summary[mean=2.0");
        });
    }

    @Test
    void garbageCostsPythonOneConnection() throws Exception {
        withPythonAnswering((socket, client) -> {
            for (byte[] garbage :
                    List.of(new byte[] {0, 3, '{'}, "GET / HTTP/1.0\r\n\r\n".getBytes(UTF_8), new byte[9], NEGATIVE)) {
                try (var peer = RawPeer.connect(Address.parse("unix:" + socket))) {
                    peer.send(garbage).shutdownOutput();
                    assertThat(peer.receiveToEnd()).isEmpty();
                }
            }
            assertThat(PythonIpc.summarize(client, List.of(1.0, 3.0))).startsWith("Summary[mean=2.0");
        });
    }
}
