package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Action;
import dev.parley.Authorizer;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.Programs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code parley app} and {@code parley call} as processes. */
@Timeout(300)
class AppCommandsTest {
    private final Programs programs = new Programs();

    @TempDir
    private Path directory;

    @AfterEach
    void end() {
        programs.close();
    }

    private String server(String... further) throws IOException {
        var line = new ArrayList<>(List.of("app", "server", "tcp://127.0.0.1:0"));
        line.addAll(List.of(further));
        return Programs.addressOf(programs.parley(line.toArray(String[]::new)));
    }

    private String search(String address, String value) {
        try {
            return programs.parley("app", "client", address, "search", value)
                    .out()
                    .strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theDataFileAddsReplacesAndIsReadAgain() throws Exception {
        Path file =
                Files.writeString(directory.resolve("data.json"), "{\"ring\": \"In a drawer.\", \"ä\": \"umlaut\"}");
        var server = programs.parley("app", "server", "tcp://127.0.0.1:0", "--data", file.toString());
        String address = Programs.addressOf(server);
        assertThat(search(address, "ring")).isEqualTo("In a drawer.");
        assertThat(search(address, "ä")).isEqualTo("umlaut");
        assertThat(search(address, "morpheus")).startsWith("Follow");
        Files.writeString(file, "{\"ring\": \"Lost.\"}");
        Await.until("the change is read", () -> search(address, "ring").equals("Lost."));
        Files.writeString(file, "{\"ring\": 7, \"further\": \"text that makes it longer\"}");
        Await.until("the bad one is told", () -> server.errSoFar().contains("the result of 'ring' must be a string"));
        assertThat(search(address, "ring")).isEqualTo("Lost.");
        assertThat(server.errSoFar()).contains("the last good one is kept");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": |it ends before the value does, at byte 6",
                "[1]|one JSON object of strings",
                "{\"a\": \"1\", \"a\": \"2\"}|an object has the same name twice, at byte 12"
            })
    void aDataFileThatIsWrongFromTheStartIsAMistakeOfTheCommandLine(String content, String expected) throws Exception {
        Path file = Files.writeString(directory.resolve("data.json"), content);
        var server = programs.parley("app", "server", "tcp://127.0.0.1:0", "--data", file.toString());
        assertThat(server.exitCode()).isEqualTo(2);
        assertThat(server.err()).contains("cannot read the data file " + file).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "unix:%s/s"})
    void severalLoopsServeOneAddress(String form) throws Exception {
        String where = String.format(form, directory);
        var server = programs.parley("app", "server", where, "--loops", "3");
        Address address = Address.parse(Programs.addressOf(server));
        var peers = new ArrayList<MessagePeer>();
        for (int i = 0; i < 60; i++) {
            MessagePeer peer = MessagePeer.connect(address);
            peers.add(peer);
            peer.send(Message.json("{\"action\": \"search\", \"value\": \"" + i + "\"}"));
        }
        for (int i = 0; i < 60; i++) {
            assertThat(peers.get(i).receive().text()).contains("No match for '" + i + "'.");
            peers.get(i).close();
        }
        server.terminate();
        assertThat(server.exitCode()).isEqualTo(143);
        assertThat(server.err()).isEqualTo("parley: closed\n");
        assertThat(directory.resolve("s")).doesNotExist();
    }

    @Test
    void callPrintsTheContentOfTheAnswer() throws Exception {
        String address = server();
        var call = programs.parley("call", address, "search", "{\"value\": \"morpheus\"}");
        assertThat(call.out()).isEqualTo("{\"result\": \"Follow the white rabbit. 🐰\"}\n");
        assertThat(call.exitCode()).isZero();
        assertThat(programs.parley("call", address, "echo", "{\"value\": [1, null]}")
                        .out())
                .isEqualTo("{\"result\": [1, null]}\n");
        Path file = Files.writeString(directory.resolve("question.json"), "{\"value\": \"ring\"}");
        assertThat(programs.parley("call", address, "search", "@" + file).out()).contains("Misty Mountains");
        var bytes = programs.parley("call", address, "any", "@" + file, "--raw", "--header", "colour=blue");
        assertThat(bytes.out()).isEqualTo("First 10 bytes of request: {\"value\": ");
        var json = programs.parley("call", address, "search", "{\"value\": 7}", "--json");
        assertThat(json.out())
                .startsWith("{\"status\": \"ok\", \"header\": {\"byteorder\": ")
                .endsWith("\"content\": {\"result\":\"No match for '7'.\"}}\n");
    }

    @Test
    void callKnowsAServerOfTheTutorials() throws Exception {
        assumeTrue(Programs.hasPython(), "python3 is not installed");
        String port = programs.python("app_server", "127.0.0.1", "0").firstLine();
        var call = programs.parley("call", "tcp://127.0.0.1:" + port, "search", "{\"value\": \"x\"}");
        assertThat(call.out()).contains("search x");
        assertThat(call.exitCode()).isZero();
    }

    @Test
    void aStreamIsPrintedAsItComes() throws Exception {
        record Count(int to) {}
        var told = new CountDownLatch(1);
        try (Server server = Server.builder()
                .onStream(Action.of("count", Count.class, Message.class), (count, out) -> {
                    for (int i = 1; i <= count.to(); i++) {
                        out.send(Message.json("{\"i\": " + i + "}"));
                    }
                })
                .onLoop("tell", request -> {
                    told.countDown();
                    return request;
                })
                .listen("tcp://127.0.0.1:0")) {
            String address = server.address().toString();
            var call = programs.parley("call", address, "count", "{\"to\": 3}", "--stream");
            assertThat(call.out()).isEqualTo("{\"i\": 1}\n{\"i\": 2}\n{\"i\": 3}\n");
            assertThat(call.exitCode()).isZero();
            var plain = programs.parley("call", address, "count", "{\"to\": 3}");
            assertThat(plain.exitCode()).isNotZero();
            assertThat(plain.err()).contains("--stream");
            var oneWay = programs.parley("call", address, "tell", "{}", "--one-way");
            assertThat(oneWay.exitCode()).isZero();
            assertThat(oneWay.out()).isEmpty();
            assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void onSigtermAServerDrains() throws Exception {
        var server = programs.parley("app", "server", "tcp://127.0.0.1:0");
        Address address = Address.parse(Programs.addressOf(server));
        try (MessagePeer peer = MessagePeer.connect(address)) {
            peer.send(MessagePeer.request(1, "search", Message.json("{\"value\": \"ring\"}")));
            assertThat(peer.receive().status()).isEmpty();
            server.terminate();
            assertThat(peer.receive().header().text("control")).isEqualTo("going-away");
            peer.raw.shutdownOutput();
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
        assertThat(server.exitCode()).isEqualTo(143);
        assertThat(server.err())
                .contains("parley: drained: 1 of 1 connections finished\n")
                .endsWith("parley: closed\n");
    }

    @Test
    void theAccessLogHasALineForEachRequest() throws Exception {
        var server = programs.parley("app", "server", "tcp://127.0.0.1:0", "--access-log");
        String address = Programs.addressOf(server);
        search(address, "ring");
        search(address, "morpheus");
        server.terminate();
        server.exitCode();
        assertThat(server.err().lines().filter(line -> line.contains("'search' ok")))
                .hasSize(2)
                .allMatch(line ->
                        line.matches("parley: connection \\d+ from tcp://127.0.0.1:\\d+: 'search' ok, \\d+ bytes"
                                + " to \\d+, waited \\d+\\.\\d ms, took \\d+\\.\\d ms"));
    }

    /** The tutorial's server has no status for a refusal, and a script must not take its text for a success. */
    @Test
    void aCallThatTheTutorialsErrorTextRefusesIsNoSuccess() throws Exception {
        String address = server();
        var refused = programs.parley("call", address, "serch");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).isEqualTo("{\"result\": \"Error: invalid action 'serch'.\"}\n");
        assertThat(refused.err()).contains("--accept-error-text");
        assertThat(programs.parley("call", address, "serch", "--accept-error-text")
                        .exitCode())
                .isZero();
        assertThat(programs.parley("call", address, "search", "{\"value\": \"ring\"}")
                        .exitCode())
                .isZero();
    }

    @Test
    void limitsCanBeShown() throws Exception {
        var shown = programs.parley("app", "server", "--show-limits", "--idle-timeout", "0", "--max-memory", "2m");
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.out())
                .containsPattern("idle-timeout +never\n")
                .containsPattern("write-timeout +10 s\n")
                .containsPattern("header-bytes-max +8,192 bytes\n")
                .containsPattern("memory-bytes-max +2,097,152 bytes\n")
                .containsPattern("streams-max +100\n");
        assertThat(programs.parley("multi", "server", "--show-limits").out())
                .containsPattern("connections-max +10,000\n")
                .doesNotContain("streams-max");
    }

    @Test
    void aRefusalIsStatus1() throws Exception {
        try (Server server = Server.builder().on("echo", request -> request).listen("tcp://127.0.0.1:0")) {
            var call = programs.parley("call", server.address().toString(), "nowhere", "{}", "--json");
            assertThat(call.exitCode()).isEqualTo(1);
            assertThat(call.err()).hasLineCount(1).contains("answered unknown-action");
            assertThat(call.out()).startsWith("{\"status\": \"unknown-action\", ");
        }
    }

    @Test
    void whatNeedsCredentialsIsStatus5WithoutThem() throws Exception {
        try (Server server = Server.builder()
                .authorization(Authorizer.byCredentials(shown -> shown.equals("Bearer s3cret") ? () -> "ann" : null))
                .on("echo", request -> request)
                .listen("tcp://127.0.0.1:0")) {
            String address = server.address().toString();
            var without = programs.parley("call", address, "echo", "{}");
            assertThat(without.exitCode()).isEqualTo(5);
            assertThat(without.err()).hasLineCount(1).contains("answered unauthorized");
            var with = programs.parley("call", address, "echo", "{}", "--header", "authorization=Bearer s3cret");
            assertThat(with.out()).isEqualTo("{}\n");
            assertThat(with.exitCode()).isZero();
        }
    }

    /**
     * Announced bytes are not allocated: the test announces a thousand headers, then a thousand contents, of the
     * largest length.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void announcedLengthsCostNoMemory(boolean header) throws Exception {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "the system does not show a process's memory");
        var server = programs.parley("app", "server", "tcp://127.0.0.1:0");
        Address address = Address.parse(Programs.addressOf(server));
        byte[] start = header ? new byte[] {0x20, 0x00, '{'} : contentAnnounced();
        var peers = new ArrayList<RawPeer>();
        for (int i = 0; i < 200; i++) {
            peers.add(RawPeer.connect(address).send(start)); // what a JVM takes once is not theirs
        }
        long before = residentKib(server.process.pid());
        for (int i = 0; i < 1_000; i++) {
            peers.add(RawPeer.connect(address).send(start));
        }
        try (MessagePeer other = MessagePeer.connect(address)) {
            other.send(Message.json("{\"action\": \"search\", \"value\": \"x\"}"));
            assertThat(other.receive().text()).contains("No match");
        }
        assertThat(residentKib(server.process.pid()) - before).isLessThan(32 * 1024);
        for (RawPeer peer : peers) {
            peer.close();
        }
    }

    private static byte[] contentAnnounced() {
        byte[] header = ("{\"byteorder\":\"little\",\"content-type\":\"x\",\"content-encoding\":\"binary\","
                        + "\"content-length\":1048576}")
                .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(2 + header.length)
                .putShort((short) header.length)
                .put(header)
                .array();
    }

    private static long residentKib(long pid) throws IOException {
        String line = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(each -> each.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(Arrays.asList(line.trim().split("\\s+", -1)).get(1));
    }
}
