package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the server of iteration 3 with peers that do exactly what the test says. */
@Timeout(300)
class AppServerTest {
    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final Server server = listen();

    private Server listen() {
        try {
            return bed.listen(bed.server().otherwiseOnLoop(AppServerTest::answer));
        } catch (BindFailedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Message answer(Message request) {
        String text = request.text();
        if (text.contains("throw")) {
            throw new OutOfMemoryError("on purpose");
        }
        return Message.json("{\"got\": " + text.length() + "}");
    }

    @BeforeEach
    void isListening() {
        assertThat(server.openConnections()).isZero();
    }

    private RawPeer connect() throws Exception {
        return RawPeer.connect(server.address());
    }

    private static byte[] request(String content) {
        return frame(
                "{\"byteorder\": \"little\", \"content-type\": \"text/plain\", \"content-encoding\": \"utf-8\","
                        + " \"content-length\": " + content.length() + "}",
                content);
    }

    private static byte[] frame(String header, String content) {
        byte[] head = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + head.length + content.length())
                .putShort((short) head.length)
                .put(head)
                .put(content.getBytes(StandardCharsets.UTF_8))
                .array();
    }

    private static String receive(RawPeer peer) throws Exception {
        byte[] length = peer.receive(2);
        String header = new String(peer.receive(ByteBuffer.wrap(length).getShort()), StandardCharsets.UTF_8);
        int contentLength = Integer.parseInt(header.replaceAll(".*\"content-length\": (\\d+).*", "$1"));
        return header.replaceAll(".*\"status\": (\"[a-z-]+\").*", "$1 ").replaceAll("^\\{.*", "")
                + (header.contains("\"close\": true") ? "close " : "")
                + new String(peer.receive(contentLength), StandardCharsets.UTF_8);
    }

    @Test
    void aConnectionStaysForTheNextRequest() throws Exception {
        try (RawPeer peer = connect()) {
            for (int i = 0; i < 3; i++) {
                peer.send(request("x".repeat(i)));
                assertThat(receive(peer)).isEqualTo("{\"got\": " + i + "}");
            }
        }
    }

    @Test
    void byteByByteIsTheSame() throws Exception {
        try (RawPeer peer = connect()) {
            peer.sendByteByByte(request("12345"));
            assertThat(receive(peer)).isEqualTo("{\"got\": 5}");
        }
    }

    @Test
    void tenThousandInOneWriteAreAnsweredInOrder() throws Exception {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < 10_000; i++) {
            all.writeBytes(request("x".repeat(i % 97)));
        }
        try (RawPeer peer = connect()) {
            Thread.ofVirtual().start(() -> {
                try {
                    peer.send(all.toByteArray());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            for (int i = 0; i < 10_000; i++) {
                assertThat(receive(peer)).isEqualTo("{\"got\": " + i % 97 + "}");
            }
        }
    }

    @Test
    void aRefusedMessageLeavesTheConnectionUsable() throws Exception {
        try (RawPeer peer = connect()) {
            peer.send(frame(
                    "{\"byteorder\": \"middle\", \"content-type\": \"x\", \"content-encoding\": \"binary\","
                            + " \"content-length\": 4}",
                    "1234"));
            assertThat(receive(peer))
                    .isEqualTo("\"bad-field\" {\"result\": \"Error: byteorder must be \\\"little\\\" or \\\"big\\\"\","
                            + " \"code\": \"bad-field\"}");
            peer.send(request("next"));
            assertThat(receive(peer)).isEqualTo("{\"got\": 4}");
        }
    }

    @Test
    void aBrokenFrameIsAnsweredAndThenTheConnectionEnds() throws Exception {
        try (RawPeer peer = connect()) {
            peer.send(request("ok")).send((byte) 0, (byte) 0);
            assertThat(receive(peer)).isEqualTo("{\"got\": 2}");
            assertThat(receive(peer)).startsWith("\"bad-frame\" close ").contains("header length is 0");
            assertThat(peer.receiveToEnd()).isEmpty();
        }
        Await.until("it is closed", () -> census.open() == 0);
        assertThat(census.closedByReason()).containsOnlyKeys(CloseReason.PROTOCOL);
    }

    /** The error must not be destroyed by a reset that answers the bytes still on their way. */
    @Test
    void anErrorReachesAPeerThatIsStillSending() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            try (RawPeer peer = connect()) {
                peer.send(frame(
                        "{\"byteorder\": \"little\", \"content-type\": \"x\", \"content-encoding\": \"binary\","
                                + " \"content-length\": 1048577}",
                        ""));
                peer.send(new byte[900_000]);
                assertThat(receive(peer)).startsWith("\"content-too-large\" close ");
                assertThat(peer.receiveToEnd()).isEmpty();
            }
        }
    }

    @Test
    void aHeaderThatDoesNotComeEndsAfterItsTime() throws Exception {
        try (RawPeer peer = connect()) {
            peer.send((byte) 0);
            awaitTheClock(Duration.ofSeconds(10));
            assertThat(receive(peer))
                    .isEqualTo("\"timeout\" close {\"result\": \"Error: the header was not complete"
                            + " within 10 s: 1 byte came\", \"code\": \"timeout\"}");
        }
        Await.until("it is closed", () -> census.open() == 0);
        assertThat(census.closedByReason()).containsKey(CloseReason.HEADER_TIMEOUT);
    }

    @Test
    void aContentThatDripsEndsAfterItsTimeInAll() throws Exception {
        try (RawPeer peer = connect()) {
            byte[] whole = request("123456789");
            peer.send(Arrays.copyOf(whole, whole.length - 8));
            awaitTheClock(Duration.ofSeconds(29));
            peer.send((byte) '2');
            awaitTheClock(Duration.ofSeconds(1));
            assertThat(receive(peer))
                    .startsWith("\"timeout\" close ")
                    .contains(
                            "content was not complete within 30 s: 2 of 9 bytes came, about 0 a second; a stream has");
        }
        Await.until("it is closed", () -> census.open() == 0);
        assertThat(census.closedByReason()).containsKey(CloseReason.CONTENT_TIMEOUT);
    }

    /** Lets the loop see what was sent, then moves the time, then lets it fire what is due. */
    private void awaitTheClock(Duration time) throws Exception {
        try (RawPeer other = connect()) {
            other.send(request("settle"));
            assertThat(receive(other)).isEqualTo("{\"got\": 6}");
        }
        ticker.advance(time);
        try (RawPeer other = connect()) {
            other.send(request("settle"));
            assertThat(receive(other)).isEqualTo("{\"got\": 6}");
        }
        Await.until("the others are gone", () -> census.open() <= 1);
    }

    @Test
    void otherProtocolsAreTurnedAway() throws Exception {
        try (RawPeer peer = connect()) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.receiveToEnd())
                    .asString(StandardCharsets.UTF_8)
                    .startsWith("HTTP/1.1 400 Bad Request\r\n")
                    .endsWith("not HTTP.\n");
        }
        try (RawPeer peer = connect()) {
            peer.send("SSH");
            assertThat(peer.receiveToEnd()).isEmpty();
        }
        assertThat(census.warnings()).hasSize(2);
        assertThat(census.warnings().get(0)).contains("spoke HTTP");
        assertThat(census.warnings().get(1)).contains("spoke SSH");
    }

    @Test
    void aHandlerThatThrowsCostsOneRequest() throws Exception {
        try (RawPeer peer = connect()) {
            peer.send(request("throw")).send(request("ok"));
            assertThat(receive(peer)).startsWith("\"internal\" ").doesNotContain("on purpose");
            assertThat(receive(peer)).isEqualTo("{\"got\": 2}");
        }
        assertThat(census.takeFailures()).singleElement().asString().contains("on purpose");
    }

    @Test
    void randomBytesNeverReachTheHandler() throws Exception {
        var random = new Random(7);
        for (int i = 0; i < 200; i++) {
            var bytes = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(bytes);
            try (RawPeer peer = connect()) {
                peer.send(bytes).shutdownOutput();
                assertThat(peer.receiveToEnd()).asString(StandardCharsets.UTF_8).doesNotContain("got");
            } catch (IOException reset) {
                assertThat(reset).as("seed 7, round %d", i).hasMessageContaining("reset");
            }
        }
        Await.until("all are closed", () -> census.open() == 0);
    }

    // The client.

    @Test
    void theClientGetsItsAnswer() throws Exception {
        try (Client client =
                Client.builder(server.address()).plain(true).loop(bed.loop()).start()) {
            assertThat(client.call(Message.json("[1]")).text()).isEqualTo("{\"got\": 3}");
            assertThatThrownBy(() -> client.call(Message.text("throw")))
                    .isInstanceOfSatisfying(RefusedException.class, refused -> {
                        assertThat(refused.code()).isEqualTo("internal");
                        assertThat(refused.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
                    });
        }
        assertThat(census.takeFailures()).hasSize(1);
    }

    @Test
    void aBrokenLineHasAnotherErrorThanAnInvalidAnswer() throws Exception {
        try (var listening = RawPeer.listen();
                Client client =
                        Client.builder(RawPeer.addressOf(listening)).plain(true).start()) {
            var first = client.callAsync(Message.json("1"), CallOptions.timeout(Duration.ofSeconds(20)))
                    .toCompletableFuture();
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.send((byte) 0, (byte) 200, (byte) '{').shutdownOutput();
                assertThatThrownBy(first::join)
                        .hasCauseInstanceOf(ConnectionLostException.class)
                        .hasMessageContaining("closed in the middle of its answer");
            }
            var second = client.callAsync(Message.json("1"), CallOptions.timeout(Duration.ofSeconds(20)))
                    .toCompletableFuture();
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.send("nonsense");
                assertThatThrownBy(second::join).cause().isInstanceOfSatisfying(ConnectionLostException.class, e -> {
                    assertThat(e.reason()).isEqualTo(CloseReason.PROTOCOL);
                    assertThat(e.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
                });
            }
            var third = client.callAsync(Message.json("1"), CallOptions.timeout(Duration.ofMillis(100)))
                    .toCompletableFuture();
            try (RawPeer silent = RawPeer.accept(listening)) {
                assertThatThrownBy(third::join).hasCauseInstanceOf(TimedOutException.class);
                assertThat(silent.receive(1)).hasSize(1);
            }
        }
    }
}
