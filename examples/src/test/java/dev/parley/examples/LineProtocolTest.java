package dev.parley.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class LineProtocolTest {
    private static final String HELP = "ERR use SET KEY VALUE, GET KEY, DEL KEY or QUIT\n";

    private final Census census = new Census();
    private final ManualTicker ticker = new ManualTicker();
    private EventLoop loop;
    private Address address;

    @BeforeEach
    void open() throws Exception {
        loop = census.watch(EventLoop.builder().observer(census).ticker(ticker).start());
        address = LineProtocol.serve(loop, "tcp://127.0.0.1:0").address();
    }

    @AfterEach
    void close() {
        loop.close();
        census.assertNothingLeft();
    }

    private String answersTo(String... pieces) throws IOException {
        try (var peer = RawPeer.connect(address)) {
            for (String piece : pieces) {
                peer.send(piece);
            }
            return new String(peer.receiveToEnd(), UTF_8);
        }
    }

    @Test
    void thePageShowsWhatTheDemonstrationPrints() throws Exception {
        assertThat(Demonstration.outputOf(LineProtocol::main))
                .isEqualTo(Demonstration.shownOn("line-protocol.md", "LineProtocol.java"));
    }

    @Test
    void whereverTheBytesAreSplitTheAnswersAreTheSame() throws Exception {
        String lines = "SET a ü €\r\nGET a\nDEL a\r\nGET a\nQUIT\n";
        for (int at = 0; at <= lines.length(); at++) {
            assertThat(answersTo(lines.substring(0, at), lines.substring(at)))
                    .as("split at %d", at)
                    .isEqualTo("OK\nü €\nOK\nNONE\nBYE\n");
        }
    }

    @Test
    void bytesThatComeOneByOneMakeLines() throws Exception {
        try (var peer = RawPeer.connect(address)) {
            peer.sendByteByByte("SET k v w\nGET k\nQUIT\n".getBytes(UTF_8));
            assertThat(new String(peer.receiveToEnd(), UTF_8)).isEqualTo("OK\nv w\nBYE\n");
        }
    }

    @Test
    void manyGluedLinesGetAnAnswerEachInOrder() throws Exception {
        var lines = new StringBuilder();
        var expected = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            lines.append("SET k ").append(i).append("\nGET k\n");
            expected.append("OK\n").append(i).append('\n');
        }
        assertThat(answersTo(lines.append("QUIT\n").toString()))
                .isEqualTo(expected.append("BYE\n").toString());
    }

    @Test
    void whatIsNoCommandIsAnsweredWithTheCommands() throws Exception {
        assertThat(answersTo("\nget a\nSET a\nGET a b\nQUIT now\nSET/2 a b\nQUIT\n"))
                .isEqualTo(HELP.repeat(6) + "BYE\n");
    }

    @Test
    void aLineHasABound() throws Exception {
        String longest = "SET k " + "x".repeat(LineProtocol.LINE_BYTES_MAX - 6);
        assertThat(answersTo(longest + "\nQUIT\n")).isEqualTo("OK\nBYE\n");
        assertThat(answersTo(longest + "y\nGET k\n"))
                .isEqualTo("ERR a line has at most 256 bytes, and more have arrived\n");
        assertThat(answersTo("x".repeat(200_000)))
                .isEqualTo("ERR a line has at most 256 bytes, and more have arrived\n");
    }

    @Test
    void aLineThatIsCutOffIsNotObeyed() throws Exception {
        try (var peer = RawPeer.connect(address)) {
            peer.send("SET k 1\nDEL k").shutdownOutput();
            assertThat(new String(peer.receiveToEnd(), UTF_8))
                    .isEqualTo("OK\nERR the stream ended inside a frame, after 5 bytes\n");
        }
        try (var peer = RawPeer.connect(address)) {
            peer.send("DEL k").reset();
        }
        assertThat(answersTo("GET k\nQUIT\n")).isEqualTo("1\nBYE\n");
    }

    @Test
    void theStoreHasABound() {
        var store = new LineProtocol.Store();
        for (int i = 0; i < LineProtocol.KEYS_MAX; i++) {
            assertThat(store.answer("SET " + i + " v")).isEqualTo("OK");
        }
        assertThat(store.answer("SET more v")).isEqualTo("ERR full: at most 10000 keys");
        assertThat(store.answer("SET 7 w")).isEqualTo("OK");
        assertThat(store.answer("DEL 8")).isEqualTo("OK");
        assertThat(store.answer("SET more v")).isEqualTo("OK");
    }

    /**
     * The server stops reading from such a client when its answers are not taken, so the client's own send blocks; then
     * the write timeout ends the connection.
     */
    @Test
    void whoAsksAndNeverReadsIsHeldBackAndThenClosed() throws Exception {
        answersTo("SET k " + "x".repeat(200) + "\nQUIT\n");
        var sent = new AtomicLong();
        byte[] requests = "GET k\n".repeat(10_000).getBytes(UTF_8);
        try (var peer = RawPeer.connect(address).receiveBuffer(4096)) {
            Thread asking = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        peer.send(requests);
                        sent.addAndGet(requests.length);
                    }
                } catch (IOException ended) {
                    return;
                }
            });
            Await.until("the server gave up", () -> {
                ticker.advance(Duration.ofMillis(20));
                return census.closedByReason().containsKey(CloseReason.WRITE_TIMEOUT);
            });
            asking.join();
            assertThat(sent.get()).isLessThan(32L * 1024 * 1024);
        }
        assertThat(answersTo("GET k\nQUIT\n")).hasSize(205);
    }

    @Test
    void itSpeaksTheSameInsideTheProcess() throws Exception {
        try (var inside = census.watch(EventLoop.builder()
                .transport(MemNetwork.shared())
                .observer(census)
                .start())) {
            var listener = LineProtocol.serve(inside, "mem:");
            try (var connection = Connection.connect(inside, listener.address())) {
                connection.out().write("SET a 1\nQUIT\n".getBytes(UTF_8));
                assertThat(connection.in().readAllBytes()).asString(UTF_8).isEqualTo("OK\nBYE\n");
            }
        }
    }
}
