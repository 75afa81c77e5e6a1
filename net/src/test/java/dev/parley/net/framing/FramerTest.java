package dev.parley.net.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.parley.net.CloseReason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests framers on bytes alone: the frames are the same however the bytes are cut, and each limit holds to the byte.
 */
class FramerTest {
    private static final int FRAME_BYTES_MAX = 100;

    static Stream<Arguments> framers() {
        return Stream.of(
                arguments("lines", Framer.lines(FRAME_BYTES_MAX)),
                arguments("zero byte", Framer.delimited(new byte[] {0}, FRAME_BYTES_MAX)),
                arguments("a delimiter that begins like itself", Framer.delimited(text("aab"), FRAME_BYTES_MAX)),
                arguments("length of 1", Framer.lengthPrefixed(1, FRAME_BYTES_MAX)),
                arguments("length of 2", Framer.lengthPrefixed(2, FRAME_BYTES_MAX)),
                arguments("length of 3", Framer.lengthPrefixed(3, ByteOrder.LITTLE_ENDIAN, FRAME_BYTES_MAX)),
                arguments("length of 4", Framer.lengthPrefixed(4, ByteOrder.LITTLE_ENDIAN, FRAME_BYTES_MAX)),
                arguments("length of 8", Framer.lengthPrefixed(8, FRAME_BYTES_MAX)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("framers")
    void framesAreTheSameHoweverTheBytesAreCut(String name, Framer framer) throws Exception {
        for (long seed = 1; seed <= 200; seed++) {
            var random = new Random(seed);
            var sent = new ArrayList<String>();
            var stream = new ByteArrayOutputStream();
            for (int i = random.nextInt(30); i >= 0; i--) {
                // No LF, CR, NUL or b, which end a frame of one of the framers.
                String content = "acdef".repeat(FRAME_BYTES_MAX).substring(0, random.nextInt(FRAME_BYTES_MAX + 1));
                sent.add(content);
                stream.writeBytes(framer.encode(content));
            }
            assertThat(cut(framer, stream.toByteArray(), random))
                    .as("seed %d", seed)
                    .isEqualTo(sent);
            assertThat(read(framer, stream.toByteArray(), random))
                    .as("seed %d", seed)
                    .isEqualTo(sent);
        }
    }

    private static List<String> cut(Framer framer, byte[] stream, Random random) throws FramingException {
        var frames = new ArrayList<String>();
        var unread = new UnreadBytes(framer);
        for (int at = 0; at < stream.length; ) {
            int count = Math.min(1 + random.nextInt(1 + random.nextInt(400)), stream.length - at);
            ByteBuffer piece = ByteBuffer.wrap(stream, at, count).asReadOnlyBuffer();
            for (ByteBuffer frame = unread.next(piece); frame != null; frame = unread.next(piece)) {
                frames.add(StandardCharsets.UTF_8.decode(frame).toString());
            }
            assertThat(piece.hasRemaining()).isFalse();
            assertThat(unread.heldBytes()).isLessThanOrEqualTo(2 * (framer.unreadBytesMax() + 400));
            at += count;
        }
        assertThat(unread.count()).isZero();
        assertThat(unread.heldBytes()).as("nothing is kept between two frames").isZero();
        return frames;
    }

    private static List<String> read(Framer framer, byte[] stream, Random random) throws Exception {
        var frames = new ArrayList<String>();
        var input = new FramedInput(new Pieces(stream, random), framer);
        for (Optional<byte[]> frame = input.next(); frame.isPresent(); frame = input.next()) {
            frames.add(new String(frame.get(), StandardCharsets.UTF_8));
        }
        return frames;
    }

    /** A stream whose reads return pieces of random length, like those of a socket. */
    private static final class Pieces extends InputStream {
        private final ByteArrayInputStream all;
        private final Random random;

        Pieces(byte[] all, Random random) {
            this.all = new ByteArrayInputStream(all);
            this.random = random;
        }

        @Override
        public int read() {
            return all.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return all.read(into, offset, Math.min(length, 1 + random.nextInt(150)));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("framers")
    void aFrameOfTheLimitPassesAndALongerOneIsRefused(String name, Framer framer) throws Exception {
        byte[] longest = framer.encode("x".repeat(FRAME_BYTES_MAX));
        assertThat(one(framer, longest)).hasSize(FRAME_BYTES_MAX);

        assertThatThrownBy(() -> framer.encode("x".repeat(FRAME_BYTES_MAX + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 100 bytes, not 101");
    }

    @Test
    void aLongerFrameIsRefusedAsSoonAsItIsSeen() {
        assertTooLong(Framer.lines(10), "x".repeat(11), "a line has at most 10 bytes, and more have arrived");
        assertTooLong(Framer.lines(10), "x".repeat(11) + "\r\n", "a line has at most 10 bytes, and more have arrived");
        assertTooLong(Framer.delimited(text("--"), 10), "x".repeat(12), "a frame has at most 10 bytes");
        assertTooLong(Framer.delimited(text("--"), 10), "x".repeat(11) + "--", "a frame has at most 10 bytes");
        assertTooLong(Framer.lengthPrefixed(1, 10), "\u000b", "a frame announces 11 bytes; at most 10 are allowed");
        assertTooLong(Framer.lengthPrefixed(2, 10), "zz", "a frame announces 31354 bytes; at most 10 are allowed");
        byte[] largest = new byte[8];
        Arrays.fill(largest, (byte) -1);
        assertThatThrownBy(() -> one(Framer.lengthPrefixed(8, 10), largest))
                .hasMessage("a frame announces 18446744073709551615 bytes; at most 10 are allowed");
    }

    @Test
    void whatMayStillBeAnEndIsWaitedFor() throws Exception {
        assertThat(one(Framer.lines(10), text("x".repeat(10) + "\r"))).isNull();
        assertThat(one(Framer.lines(10), text("x".repeat(10) + "\r\n"))).hasSize(10);
        assertThat(one(Framer.delimited(text("--"), 10), text("x".repeat(10) + "-")))
                .isNull();
        assertThat(one(Framer.delimited(text("--"), 10), text("x".repeat(10) + "--")))
                .hasSize(10);
    }

    private static void assertTooLong(Framer framer, String bytes, String message) {
        assertThatThrownBy(() -> one(framer, text(bytes))).isInstanceOfSatisfying(FramingException.class, bad -> {
            assertThat(bad).hasMessageContaining(message);
            assertThat(bad.closeReason()).isEqualTo(CloseReason.LIMIT);
        });
    }

    private static byte @Nullable [] one(Framer framer, byte[] bytes) throws FramingException {
        ByteBuffer frame = new UnreadBytes(framer).next(ByteBuffer.wrap(bytes));
        if (frame == null) {
            return null;
        }
        byte[] content = new byte[frame.remaining()];
        frame.get(content);
        return content;
    }

    @Test
    void aLineEndsWithLineFeedAndACarriageReturnBeforeItIsDropped() throws Exception {
        var input = new FramedInput(new ByteArrayInputStream(text("a\nb\r\n\r\n\n c\rd\r\r\n")), Framer.lines(100));
        assertThat(texts(input)).containsExactly("a", "b", "", "", " c\rd\r");
    }

    @Test
    void aDelimiterThatBeginsLikeItselfIsFound() throws Exception {
        var input = new FramedInput(new ByteArrayInputStream(text("aaabxaab")), Framer.delimited(text("aab"), 10));
        assertThat(texts(input)).containsExactly("a", "x");
    }

    private static List<String> texts(FramedInput input) throws Exception {
        var frames = new ArrayList<String>();
        for (Optional<byte[]> frame = input.next(); frame.isPresent(); frame = input.next()) {
            frames.add(new String(frame.get(), StandardCharsets.UTF_8));
        }
        return frames;
    }

    @Test
    void theEndOfTheStreamInsideAFrameIsAnErrorThatStays() throws Exception {
        var input = new FramedInput(new ByteArrayInputStream(text("one\ntw")), Framer.lines(100));
        assertThat(input.next()).isPresent();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(input::next)
                    .isInstanceOf(FramingException.class)
                    .hasMessage("the stream ended inside a frame, after 2 bytes");
        }
    }

    @Test
    void contentThatContainsItsOwnEndIsNotSent() {
        assertThatThrownBy(() -> Framer.lines(100).encode("two\nlines"))
                .hasMessage("a line cannot contain its own end, which is at byte 3");
        assertThatThrownBy(() -> Framer.lines(100).encode("two\r")).hasMessageContaining("cannot end with CR");
        assertThatThrownBy(() -> Framer.delimited(text("aab"), 100).encode("xaabx"))
                .hasMessage("a frame cannot contain its own end, which is at byte 1");
        // Its last bytes and the delimiter's first would be taken for a delimiter one byte earlier.
        assertThatThrownBy(() -> Framer.delimited(text("aa"), 100).encode("xa"))
                .hasMessage("a frame cannot contain its own end, which is at byte 1");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> Framer.lines(0)).hasMessageContaining("frameBytesMax is 0; it is from 1 to");
        assertThatThrownBy(() -> Framer.delimited(new byte[0], 1)).hasMessageContaining("at least 1 byte");
        assertThatThrownBy(() -> Framer.lengthPrefixed(5, 1)).hasMessageContaining("1, 2, 3, 4 or 8 bytes, not 5");
        assertThatThrownBy(() -> Framer.lengthPrefixed(1, 256)).hasMessageContaining("it is from 1 to 255");
        assertThat(Framer.lengthPrefixed(3, (1 << 24) - 1))
                .hasToString("frames of at most 16777215 bytes, each after a length of 3 bytes");
    }

    /** A user's own framer that never finds an end does not take more memory than it says. */
    @Test
    void aFramerOfOnesOwnIsHeldToItsLimit() {
        Framer endless = new Framer() {
            @Override
            public @Nullable ByteBuffer next(ByteBuffer unread, int seenBytes) {
                return null;
            }

            @Override
            public int unreadBytesMax() {
                return 1_000;
            }

            @Override
            public byte[] encode(byte[] content) {
                return content;
            }
        };
        assertThatThrownBy(() -> texts(new FramedInput(new Pieces(new byte[1_001], new Random(1)), endless)))
                .isInstanceOf(FramingException.class)
                .hasMessageContaining("a frame has at most 1000 bytes");
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
