package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.link.ForeignProtocol;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameReaderTest {
    private static final String REQUIRED =
            "\"byteorder\":\"little\",\"content-type\":\"text/json\",\"content-encoding\":\"utf-8\"";

    private static byte[] frame(String header, String content) {
        byte[] head = header.getBytes(StandardCharsets.UTF_8);
        byte[] body = content.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + head.length + body.length)
                .putShort((short) head.length)
                .put(head)
                .put(body)
                .array();
    }

    private static byte[] valid(String content) {
        return frame("{" + REQUIRED + ",\"content-length\":" + content.length() + "}", content);
    }

    /** Returns the results of a reader for these pieces, in words. */
    private static List<String> read(FrameLimits limits, List<byte[]> pieces) {
        var reader = new FrameReader(limits, Direction.REQUEST);
        var seen = new ArrayList<String>();
        for (byte[] piece : pieces) {
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            while (bytes.hasRemaining()) {
                switch (reader.read(bytes)) {
                    case FrameReader.NotYet _ ->
                        assertThat(bytes.hasRemaining()).isFalse();
                    case FrameReader.Whole whole ->
                        seen.add("whole " + new String(whole.frame().content(), StandardCharsets.UTF_8));
                    case FrameReader.Refused refused ->
                        seen.add("refused " + refused.error().code().wire());
                    case FrameReader.Broken broken -> {
                        seen.add("broken " + broken.error().code().wire());
                        return seen;
                    }
                    case FrameReader.Foreign foreign -> {
                        seen.add("foreign " + ForeignProtocol.guess(foreign).name());
                        return seen;
                    }
                }
            }
        }
        seen.add(reader.isInsideFrame() ? "inside" : "between");
        return seen;
    }

    private static List<String> readWhole(byte[] stream) {
        return read(FrameLimits.DEFAULT, List.of(stream));
    }

    private static String headerOnly(String header) {
        return readWhole(frame(header, "{}")).getFirst();
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void everySplitGivesTheSame() {
        byte[] stream = join(
                valid("{\"a\": 1}"),
                frame(
                        "{\"byteorder\":\"middle\",\"content-type\":\"x\",\"content-encoding\":\"binary\",\"content-length\":5}",
                        "12345"),
                valid(""),
                valid("last"));
        List<String> expected = List.of("whole {\"a\": 1}", "refused bad-field", "whole ", "whole last", "between");
        assertThat(readWhole(stream)).isEqualTo(expected);
        for (int cut = 1; cut < stream.length; cut++) {
            assertThat(read(FrameLimits.DEFAULT, cutAt(stream, cut)))
                    .as("cut at %d", cut)
                    .isEqualTo(expected);
        }
        var random = new Random(42);
        for (int round = 0; round < 500; round++) {
            assertThat(read(FrameLimits.DEFAULT, partition(stream, random)))
                    .as("seed 42, round %d", round)
                    .isEqualTo(expected);
        }
    }

    private static List<byte[]> cutAt(byte[] stream, int at) {
        var first = new byte[at];
        var second = new byte[stream.length - at];
        System.arraycopy(stream, 0, first, 0, at);
        System.arraycopy(stream, at, second, 0, second.length);
        return List.of(first, second);
    }

    private static List<byte[]> partition(byte[] stream, Random random) {
        var pieces = new ArrayList<byte[]>();
        for (int at = 0; at < stream.length; ) {
            var piece = new byte[Math.min(1 + random.nextInt(20), stream.length - at)];
            System.arraycopy(stream, at, piece, 0, piece.length);
            pieces.add(piece);
            at += piece.length;
        }
        return pieces;
    }

    @Test
    void lengthsThatCannotBeAreKnownAtTwoBytes() {
        assertThat(readWhole(new byte[] {0, 0})).containsExactly("broken bad-frame");
        assertThat(readWhole(new byte[] {0, 1})).containsExactly("broken bad-frame");
        assertThat(readWhole(new byte[] {0, 2, '{', '}'})).containsExactly("broken missing-field");
    }

    @Test
    void aHeaderTooLongIsKnownAtTheThirdByteAndNotBefore() {
        assertThat(readWhole(new byte[] {(byte) 0xff, (byte) 0xff})).containsExactly("inside");
        assertThat(readWhole(new byte[] {(byte) 0xff, (byte) 0xff, '{'})).containsExactly("broken header-too-large");
        assertThat(readWhole(new byte[] {0x20, 0x01, '{'})).containsExactly("broken header-too-large");
        assertThat(readWhole(new byte[] {0x20, 0x00, '{'})).containsExactly("inside");
    }

    @Test
    void aHeaderOfExactlyTheLimitIsRead() {
        String start = "{" + REQUIRED + ",\"content-length\":0";
        var header = new StringBuilder(start);
        for (int i = 0; header.length() < 8_192 - 1_000; i++) {
            header.append(",\"pad")
                    .append(i)
                    .append("\":\"")
                    .append("x".repeat(900))
                    .append('"');
        }
        header.append(" ".repeat(8_192 - 1 - header.length())).append('}');
        assertThat(readWhole(frame(header.toString(), ""))).containsExactly("whole ", "between");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET / HTTP/1.1|HTTP",
                "POST / HTTP/1.1|HTTP",
                "SSH-2.0-x|SSH",
                "PROXY TCP4|the PROXY protocol",
                "PRI * HTTP/2.0|HTTP/2",
                "*1xx|Redis",
                "[1, 2]|something else"
            })
    void otherProtocolsAreNamed(String start, String name) {
        assertThat(readWhole(start.getBytes(StandardCharsets.UTF_8))).containsExactly("foreign " + name);
    }

    @Test
    void tlsAndTheByteOrderMarkAreNamed() {
        assertThat(readWhole(new byte[] {0x16, 0x03, 0x01, 0x02})).containsExactly("foreign TLS");
        assertThat(readWhole(new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}))
                .containsExactly("foreign text with a byte-order mark");
        assertThat(readWhole(new byte[] {0, 9, ' '})).containsExactly("foreign something else");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "-1|broken bad-field",
                "-0|broken bad-field",
                "2.0|broken bad-field",
                "2e0|broken bad-field",
                "\"2\"|broken bad-field",
                "null|broken bad-field",
                "true|broken bad-field",
                "[2]|broken bad-field",
                "{}|broken bad-field",
                "1e308|broken bad-field",
                "+2|broken bad-header",
                "02|broken bad-header",
                "0x2|broken bad-header",
                "1048577|broken content-too-large",
                "2147483648|broken content-too-large",
                "4294967298|broken content-too-large",
                "99999999999999999999999999999999|broken content-too-large",
                "999999999999999999999999999999999|broken bad-field",
                "2|whole {}"
            })
    void contentLengthIsDigitsWithinTheLimit(String value, String expected) {
        assertThat(headerOnly("{" + REQUIRED + ",\"content-length\":" + value + "}"))
                .isEqualTo(expected);
    }

    @Test
    void eachRequiredKeyIsMissed() {
        assertThat(headerOnly("{" + REQUIRED + "}")).isEqualTo("broken missing-field");
        assertThat(headerOnly("{\"content-type\":\"x\",\"content-encoding\":\"binary\",\"content-length\":2}"))
                .isEqualTo("refused missing-field");
        assertThat(headerOnly("{\"byteorder\":\"big\",\"content-encoding\":\"binary\",\"content-length\":2}"))
                .isEqualTo("refused missing-field");
        assertThat(headerOnly("{\"byteorder\":\"big\",\"content-type\":\"x\",\"content-length\":2}"))
                .isEqualTo("refused missing-field");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"byteorder\":\"Big\",\"content-type\":\"x\",\"content-encoding\":\"binary\"|refused bad-field",
                "\"byteorder\":1,\"content-type\":\"x\",\"content-encoding\":\"binary\"|refused bad-field",
                "\"byteorder\":\"big\",\"content-type\":\"\",\"content-encoding\":\"binary\"|refused bad-field",
                "\"byteorder\":\"big\",\"content-type\":\"a\\u000d\\u000a\",\"content-encoding\":\"binary\"|refused bad-field",
                "\"byteorder\":\"big\",\"content-type\":\"a\\u0000\",\"content-encoding\":\"binary\"|refused bad-field",
                "\"byteorder\":\"big\",\"content-type\":\"x\",\"content-encoding\":null|refused bad-field",
                "\"byteorder\":\"big\",\"content-type\":\"x\",\"content-encoding\":\"utf-7\"|refused unsupported-encoding",
                "\"byteorder\":\"big\",\"content-type\":\"x\",\"content-encoding\":\"../x\"|refused unsupported-encoding",
                "\"byteorder\":\"big\",\"content-type\":\"text/json\",\"content-encoding\":\"binary\"|refused unsupported-encoding",
                "\"byteorder\":\"big\",\"content-type\":\"text/json\",\"content-encoding\":\"UTF-8\"|whole {}",
                "\"byteorder\":\"big\",\"content-type\":\"what/ever\",\"content-encoding\":\"latin-1\"|whole {}"
            })
    void theOtherKeysRefuseOneMessageOnly(String keys, String expected) {
        byte[] stream = join(frame("{" + keys + ",\"content-length\":2}", "{}"), valid("next"));
        assertThat(readWhole(stream)).containsExactly(expected, "whole next", "between");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{,}",
                "{\"a\":1,}",
                "{\"a\" 1}",
                "{'a':1}",
                "{a:1}",
                "{\"a\":NaN}",
                "{\"a\":0x10}",
                "{\"a\":.5}",
                "{\"a\":1.}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\ud800\"}",
                "{\"a\":1,\"a\":1}",
                "{\"a\":1,\"\\u0061\":2}",
                "{\"a\":{\"b\":1,\"b\":1}}",
                "{\"a\":1} x",
                "{\"a\":[[[[[[[[1]]]]]]]]}",
                "{\"a\":123456789012345678901234567890123}"
            })
    void whatIsNoStrictJsonBreaks(String header) {
        assertThat(headerOnly(header)).isEqualTo("broken bad-header");
    }

    @Test
    void boundsOfNamesStringsAndKeysBreak() {
        String rest = "," + REQUIRED + ",\"content-length\":2}";
        assertThat(headerOnly("{\"" + "n".repeat(64) + "\":1" + rest)).isEqualTo("whole {}");
        assertThat(headerOnly("{\"" + "n".repeat(65) + "\":1" + rest)).isEqualTo("broken bad-header");
        assertThat(headerOnly("{\"a\":\"" + "s".repeat(1_024) + "\"" + rest)).isEqualTo("whole {}");
        assertThat(headerOnly("{\"a\":\"" + "s".repeat(1_025) + "\"" + rest)).isEqualTo("broken bad-header");
        assertThat(headerOnly("{\"authorization\":\"" + "s".repeat(4_096) + "\"" + rest))
                .isEqualTo("whole {}");
        var keys = new StringBuilder("{\"k\":1");
        for (int i = 0; i < 60; i++) {
            keys.append(",\"k").append(i).append("\":").append(i);
        }
        assertThat(headerOnly(keys + ",\"z\":null" + rest)).isEqualTo("broken bad-header");
    }

    @Test
    void badUtf8Breaks() {
        for (byte[] bad : new byte[][] {
            {(byte) 0x80},
            {(byte) 0xc0, (byte) 0xaf},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}
        }) {
            byte[] header =
                    join("{\"a\":\"".getBytes(StandardCharsets.UTF_8), bad, "\"}".getBytes(StandardCharsets.UTF_8));
            byte[] stream = join(new byte[] {0, (byte) header.length}, header);
            assertThat(readWhole(stream)).containsExactly("broken bad-header");
        }
    }

    /** A declared length costs nothing: memory follows the bytes. */
    @Test
    void theLargestContentAnnouncedIsNotAllocated() {
        var readers = new ArrayList<FrameReader>();
        byte[] start = frame("{" + REQUIRED + ",\"content-length\":1048576}", "");
        for (int i = 0; i < 10_000; i++) {
            var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
            assertThat(reader.read(ByteBuffer.wrap(start))).isInstanceOf(FrameReader.NotYet.class);
            readers.add(reader); // 10 GiB, were the announcement believed
        }
        assertThat(readers).allMatch(FrameReader::isInsideFrame);
    }

    @Test
    void whatTheWriterWritesTheReaderReads() {
        var header = new Header(
                "big",
                "text/json",
                "utf-8",
                2,
                77,
                Map.of("s", "ä\"\n🐶", "n", new JsonNumber("1e5"), "l", List.of(true, JsonNull.NULL)));
        ByteBuffer bytes = FrameWriter.write(new Frame(header, "{}".getBytes(StandardCharsets.UTF_8)));
        var read = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST).read(bytes);
        assertThat(read).isInstanceOfSatisfying(FrameReader.Whole.class, whole -> assertThat(
                        whole.frame().header())
                .isEqualTo(header));
    }

    /** A message that is late is reported with these numbers. */
    @Test
    void itTellsHowMuchOfWhichPartHasArrived() {
        byte[] message = valid("0123456789");
        int header = message.length - 10;
        var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
        assertThat(reader.partBytes() + reader.partLength()).isZero();
        assertThat(reader.isInsideHeader()).isFalse();
        for (int i = 0; i < message.length - 1; i++) {
            assertThat(reader.read(ByteBuffer.wrap(message, i, 1))).isInstanceOf(FrameReader.NotYet.class);
            int arrived = i + 1;
            boolean inHeader = arrived < header;
            assertThat(reader.isInsideHeader()).isEqualTo(inHeader);
            assertThat(reader.partBytes()).isEqualTo(inHeader ? arrived : arrived - header);
            assertThat(reader.partLength()).isEqualTo(arrived < 2 ? 0 : inHeader ? header : 10);
        }
    }

    @Test
    void itTellsHowMuchOfAContentThatIsDroppedHasArrived() {
        byte[] refused = frame("{" + REQUIRED.replace("utf-8", "utf-9") + ",\"content-length\":2000}", "");
        var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
        assertThat(reader.read(ByteBuffer.wrap(refused))).isInstanceOf(FrameReader.Refused.class);
        assertThat(reader.read(ByteBuffer.allocate(1_500))).isInstanceOf(FrameReader.NotYet.class);
        assertThat(reader.partBytes()).isEqualTo(1_500);
        assertThat(reader.partLength()).isEqualTo(2_000);
        assertThat(reader.isInsideHeader()).isFalse();
        assertThat(reader.read(ByteBuffer.allocate(500))).isInstanceOf(FrameReader.NotYet.class);
        assertThat(reader.isInsideFrame()).isFalse();
    }

    /** A header is rarely shorter than 64 bytes or longer than 512, read in either order. */
    @ParameterizedTest
    @CsvSource({"0x4000,true", "0x4001,true", "0x3f00,false", "0x0102,false", "0x0003,false", "0xffff,false"})
    void aLengthThatIsPlausibleTurnedRoundIsCalledSo(String length, boolean isTurnedRound) {
        int bytes = Integer.decode(length);
        var reader =
                new FrameReader(FrameLimits.DEFAULT.withHeaderBytesMax(2).withContentBytesMax(0), Direction.REQUEST);
        var result = reader.read(ByteBuffer.wrap(new byte[] {(byte) (bytes >> 8), (byte) bytes, '{'}));
        assertThat(String.valueOf(((FrameReader.Broken) result).error().getMessage())
                        .contains("little-endian"))
                .isEqualTo(isTurnedRound);
    }
}
