package dev.parley.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.examples.BinaryProtocol.Frame;
import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(300)
class BinaryProtocolTest {
    private final Census census = new Census();
    private Listener listener;
    private CompletableFuture<Void> serving;

    @BeforeEach
    void open() throws Exception {
        listener = Listener.open(EventLoop.builder().observer(census), Address.parse("tcp://127.0.0.1:0"));
        serving = CompletableFuture.runAsync(this::serve, Thread::startVirtualThread);
    }

    private void serve() {
        try {
            listener.serve(BinaryProtocol::serve);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        listener.close();
        serving.join();
        census.assertNothingLeft();
    }

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes.replace(" ", ""));
    }

    /** Returns the answer: the average as sixteen bytes of content. */
    private static String answer(RawPeer peer) throws IOException {
        byte[] frame = peer.receive(BinaryProtocol.HEADER_BYTES + 16);
        assertThat(Arrays.copyOf(frame, BinaryProtocol.HEADER_BYTES)).isEqualTo(hex("5250 0003 00000010"));
        ByteBuffer content = ByteBuffer.wrap(frame, BinaryProtocol.HEADER_BYTES, 16);
        return content.getLong() + " " + content.getDouble();
    }

    private static String refusal(RawPeer peer) throws IOException {
        var frame = Frame.read(new ByteArrayInputStream(peer.receiveToEnd())).orElseThrow();
        assertThat(frame.type()).isEqualTo(BinaryProtocol.REFUSED);
        return UTF_8.decode(frame.content()).toString();
    }

    @Test
    void thePageShowsWhatTheDemonstrationPrints() throws Exception {
        assertThat(Demonstration.outputOf(BinaryProtocol::main))
                .isEqualTo(Demonstration.shownOn("binary-protocol.md", "BinaryProtocol.java"));
    }

    @Test
    void readingsHaveTheByteOrderOfTheirSensor() throws Exception {
        try (var peer = RawPeer.connect(listener.address())) {
            peer.send(hex("5250 0001 00000008 3ff0000000000000"));
            assertThat(answer(peer)).isEqualTo("1 1.0");
            peer.send(hex("5250 0002 00000010 0000000000000040 0000000000000840"));
            assertThat(answer(peer)).isEqualTo("3 2.0");
        }
    }

    @Test
    void framesMayComeByteByByteOrTogether() throws Exception {
        byte[] frame = BinaryProtocol.readings(ByteOrder.LITTLE_ENDIAN, 1, 2).toBytes();
        try (var peer = RawPeer.connect(listener.address())) {
            peer.sendByteByByte(frame);
            assertThat(answer(peer)).isEqualTo("2 1.5");
            byte[] three = Arrays.copyOf(frame, 3 * frame.length);
            System.arraycopy(frame, 0, three, frame.length, frame.length);
            System.arraycopy(frame, 0, three, 2 * frame.length, frame.length);
            peer.send(three);
            assertThat(answer(peer)).isEqualTo("4 1.5");
            assertThat(answer(peer)).isEqualTo("6 1.5");
            assertThat(answer(peer)).isEqualTo("8 1.5");
        }
    }

    @Test
    void theLongestFrameIsTaken() throws Exception {
        var readings = new double[BinaryProtocol.CONTENT_BYTES_MAX / 8];
        Arrays.fill(readings, 3);
        try (var connection = Connection.connect(listener.address())) {
            byte[] frame =
                    BinaryProtocol.readings(ByteOrder.BIG_ENDIAN, readings).toBytes();
            assertThat(BinaryProtocol.ask(connection, frame)).isEqualTo("8192 readings, average 3.0");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5250 0001 00010001 | the length is 65537; at most 65536",
                "5250 0001 ffffffff | the length is 4294967295; at most 65536",
                "5250 0001 80000000 | the length is 2147483648; at most 65536",
                "5052 0001 00000008 | the magic is 0x5052; 0x5250 begins a frame",
                "ffff 0001 00000008 | the magic is 0xffff; 0x5250 begins a frame",
                "5250 ffff 00000000 | the type is 65535; 1 or 2 are readings",
                "5250 0003 00000000 | the type is 3; 1 or 2 are readings",
                "5250 0001 00000000 | the length is 0; 8 for each reading",
                "5250 0001 00000003 010203 | the length is 3; 8 for each reading",
            })
    void whatIsNoFrameIsRefusedWithAReason(String frame, String reason) throws Exception {
        try (var peer = RawPeer.connect(listener.address())) {
            peer.send(hex(frame)).send(new byte[10_000]); // the client still gets the reason
            assertThat(refusal(peer)).isEqualTo(reason);
        }
    }

    @ParameterizedTest
    @CsvSource({"5250, the stream ended inside a header", "52500001 00000008 3ff0, the stream ended inside a content"})
    void anEndInsideAFrameIsAnError(String bytes, String reason) throws Exception {
        try (var peer = RawPeer.connect(listener.address())) {
            peer.send(hex(bytes)).shutdownOutput();
            assertThat(refusal(peer)).isEqualTo(reason);
        }
    }

    @Test
    void otherProtocolsAreRefusedWithoutHarmToOthers() throws Exception {
        try (var steady = Connection.connect(listener.address())) {
            byte[] frame = BinaryProtocol.readings(ByteOrder.BIG_ENDIAN, 7).toBytes();
            assertThat(BinaryProtocol.ask(steady, frame)).isEqualTo("1 readings, average 7.0");
            try (var peer = RawPeer.connect(listener.address())) {
                peer.send("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
                assertThat(refusal(peer)).startsWith("the magic is 0x4745;");
            }
            RawPeer.connect(listener.address()).send(hex("5250 0001 00000008")).reset();
            Await.until("only the steady one is left", () -> census.open() == 1);
            assertThat(BinaryProtocol.ask(steady, frame)).isEqualTo("2 readings, average 7.0");
        }
    }
}
