package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.frame.Header.Direction;
import dev.parley.json.JsonScan;
import dev.parley.memory.ContentBuffer;
import dev.parley.memory.ContentPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the frames that a reader lends: they are read like frames that it gives away, are used again, and can be kept.
 */
class FrameLendingTest {
    private final ContentPool pool = new ContentPool();
    private final FrameReader reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST, pool);

    /** Asserts that no free bytes are kept. They are counted over all pools. */
    @AfterEach
    void nothingIsKept() {
        pool.close();
        assertThat(ContentPool.freeBytes()).isZero();
    }

    /** A handler on the loop may hand a value of a lent content on, and the next content overwrites that array. */
    @Test
    void aValueOfALentContentIsCopiedWhenItIsHandedOn() {
        assertThat(JsonScan.COPIED_BYTES_MAX).isGreaterThanOrEqualTo(ContentPool.BYTES_MAX);
    }

    private static String text(Frame frame) {
        return new String(frame.content(), StandardCharsets.UTF_8);
    }

    @Test
    void theNextFrameOfThatLengthIsInTheSameArray() {
        Frame first = ReadFrames.whole(reader, ReadFrames.message("", "first"));
        Frame kept = first.kept();
        Frame second = ReadFrames.whole(reader, ReadFrames.message("", "other"));
        assertThat(second).isSameAs(first);
        assertThat(text(second)).isEqualTo("other");
        assertThat(text(kept)).isEqualTo("first");
        assertThat(kept.kept()).isSameAs(kept);
    }

    @Test
    void aFrameWithAnotherHeaderOrLengthIsAnotherFrame() {
        Frame first = ReadFrames.whole(reader, ReadFrames.message("\"id\":1", "first"));
        Frame second = ReadFrames.whole(reader, ReadFrames.message("\"id\":2", "other"));
        assertThat(second).isNotSameAs(first);
        assertThat(second.content()).isSameAs(first.content());
        assertThat(ReadFrames.whole(reader, ReadFrames.message("\"id\":2", "longer"))
                        .content())
                .isNotSameAs(second.content());
    }

    /** The readers of a pool run on one thread, and each message is used before the next one is read. */
    @Test
    void allReadersOfAPoolLendTheSameObjectsForTheSameHeader() {
        Frame first = ReadFrames.whole(reader, ReadFrames.message("", "first"));
        var further = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST, pool);
        Frame second = ReadFrames.whole(further, ReadFrames.message("", "other"));
        assertThat(second).isSameAs(first);
        assertThat(text(first)).isEqualTo("other");
        Frame third = ReadFrames.whole(further, ReadFrames.message("\"x-user\":\"neo\"", "third"));
        assertThat(third).isNotSameAs(first);
        assertThat(third.content()).isSameAs(first.content());
        assertThat(third.header().text("x-user")).isEqualTo("neo");
        assertThat(first.header().text("x-user")).isNull();
    }

    @Test
    void headersOfManyReadersDoNotMix() {
        var readers = new ArrayList<FrameReader>();
        for (int i = 0; i < 500; i++) {
            readers.add(new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST, pool));
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < readers.size(); i++) {
                String key = "\"x-user\":\"" + i + "\"";
                Frame frame = ReadFrames.whole(readers.get(i), ReadFrames.message(key, "from " + i));
                assertThat(frame.header().text("x-user")).isEqualTo(Integer.toString(i));
                assertThat(text(frame)).isEqualTo("from " + i);
            }
        }
    }

    @Test
    void aHeaderThatArrivesInPartsHoldsItsBytesUntilItIsWhole() {
        byte[] frame = ReadFrames.message("", "in pieces");
        for (int cut = 3; cut < frame.length; cut++) {
            assertThat(reader.read(ByteBuffer.wrap(frame, 0, cut))).isInstanceOf(FrameReader.NotYet.class);
            boolean isInsideHeader = reader.isInsideHeader();
            assertThat(reader.heldBytes() > 0).isEqualTo(isInsideHeader || reader.partBytes() > 0);
            Frame whole = ReadFrames.whole(reader, Arrays.copyOfRange(frame, cut, frame.length));
            assertThat(text(whole)).isEqualTo("in pieces");
            assertThat(reader.heldBytes()).isZero();
        }
    }

    @Test
    void piecesOfSeveralReadersDoNotMix() {
        var readers = new ArrayList<FrameReader>();
        byte[] frame = ReadFrames.message("", "in pieces");
        int cut = frame.length - 5;
        for (int i = 0; i < 100; i++) {
            var each = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST, pool);
            byte[] numbered = ReadFrames.message("", String.format("%04d wait", i));
            assertThat(each.read(ByteBuffer.wrap(numbered, 0, cut))).isInstanceOf(FrameReader.NotYet.class);
            readers.add(each);
        }
        for (int i = 0; i < 100; i++) {
            Frame whole = ReadFrames.whole(readers.get(i), Arrays.copyOfRange(frame, cut, frame.length));
            assertThat(text(whole)).isEqualTo(String.format("%04dieces", i));
        }
    }

    /** A long content that is not completed leaves its pieces to others, up to a bound. */
    @Test
    void whatIsKeptFreeIsBounded() {
        int bytes = 2 * ContentPool.FREE_BYTES_MAX;
        var large = new FrameReader(
                FrameLimits.DEFAULT.withHeaderBytesMax(8 * 1024).withContentBytesMax(bytes + 1),
                Direction.REQUEST,
                pool);
        byte[] header = ReadFrames.frame("{" + ReadFrames.REQUIRED + ",\"content-length\":" + (bytes + 1) + "}", "");
        assertThat(large.read(ByteBuffer.wrap(header))).isInstanceOf(FrameReader.NotYet.class);
        assertThat(large.read(ByteBuffer.allocate(bytes))).isInstanceOf(FrameReader.NotYet.class);
        assertThat(large.heldBytes()).isGreaterThanOrEqualTo(bytes);
        large.drop();
        assertThat(large.heldBytes()).isLessThan(bytes);
        assertThat(ContentPool.freeBytes())
                .isBetween(ContentPool.FREE_BYTES_MAX, ContentPool.FREE_BYTES_MAX + ContentBuffer.PIECE_BYTES);
    }

    /**
     * Twenty connections read contents in slices of any length; every third is closed before its message is complete.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void longContentsOfSeveralReadersDoNotMix(long seed) {
        var random = new Random(seed);
        var coming = new ArrayList<Coming>();
        int whole = 0;
        for (int step = 0; step < 5_000; step++) {
            if (coming.size() < 20) {
                coming.add(new Coming(random, pool));
            }
            Coming next = coming.get(random.nextInt(coming.size()));
            if (next.isDropped && next.bytes.remaining() < 3_000) {
                next.reader.drop();
                assertThat(next.reader.heldBytes()).isZero();
                coming.remove(next);
            } else if (next.take(random.nextInt(1, 6_000))) {
                whole++;
                coming.remove(next);
            }
        }
        assertThat(whole).as("seed %d", seed).isGreaterThan(300);
    }

    /** A message that arrives at one reader. */
    private static final class Coming {
        final FrameReader reader;
        final String content;
        final ByteBuffer bytes;
        final boolean isDropped;

        Coming(Random random, ContentPool pool) {
            reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST, pool);
            content = Long.toString(random.nextLong(), 36).repeat(random.nextInt(300, 3_000));
            bytes = ByteBuffer.wrap(ReadFrames.message("", content));
            isDropped = random.nextInt(3) == 0;
        }

        /** Returns whether these bytes complete the message, which then must be right. */
        boolean take(int count) {
            ByteBuffer slice = bytes.slice(bytes.position(), Math.min(count, bytes.remaining()));
            bytes.position(bytes.position() + slice.remaining());
            FrameReader.Result result = reader.read(slice);
            if (bytes.hasRemaining()) {
                assertThat(result).isInstanceOf(FrameReader.NotYet.class);
                return false;
            }
            assertThat(text(((FrameReader.Whole) result).frame())).isEqualTo(content);
            assertThat(reader.heldBytes()).isZero();
            return true;
        }
    }

    @Test
    void thePiecesOfADroppedContentServeTheNext() {
        byte[] message = ReadFrames.message("", "x".repeat(4_097));
        reader.read(ByteBuffer.wrap(message, 0, message.length - 2));
        assertThat(reader.heldBytes()).isEqualTo(2 * ContentBuffer.PIECE_BYTES);
        reader.drop();
        byte[] piece = pool.borrowPiece();
        pool.giveBackPiece(piece);
        assertThat(new String(piece, StandardCharsets.US_ASCII)).startsWith("xxxx");
    }

    @Test
    void aContentInThreePiecesIsWhole() {
        byte[] frame = ReadFrames.message("", "abcdefghi");
        List<String> words = ReadFrames.words(
                reader,
                Arrays.copyOf(frame, frame.length - 6),
                Arrays.copyOfRange(frame, frame.length - 6, frame.length - 3),
                Arrays.copyOfRange(frame, frame.length - 3, frame.length));
        assertThat(words).containsExactly("whole 0 abcdefghi");
    }

    @Test
    void whatIsLongIsGivenAndNotLent() {
        Frame first = ReadFrames.whole(reader, ReadFrames.message("", "x".repeat(4_097)));
        Frame second = ReadFrames.whole(reader, ReadFrames.message("", "y".repeat(4_097)));
        assertThat(text(first)).startsWith("x");
        assertThat(second).isNotSameAs(first);
        assertThat(first.kept()).isSameAs(first);
    }

    @Test
    void theFlatObjectOfALentFrameIsReadAnew() {
        Frame frame = ReadFrames.whole(reader, ReadFrames.message("", "{\"a\":1}"));
        assertThat(Objects.requireNonNull(frame.flatOrNull()).number("a")).isEqualTo(1);
        assertThat(frame.flatOrNull()).isSameAs(frame.flatOrNull());
        ReadFrames.whole(reader, ReadFrames.message("", "{\"a\":2}"));
        assertThat(Objects.requireNonNull(frame.flatOrNull()).number("a")).isEqualTo(2);
        ReadFrames.whole(reader, ReadFrames.message("", "{\"a\":[]"));
        assertThat(frame.flatOrNull()).isNull();
        assertThat(frame.flatOrNull()).isNull();
    }

    @Test
    void onlyJsonOfAnAsciiKindIsAFlatObject() {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        for (String type : new String[] {"text/json", "application/json"}) {
            for (String encoding : new String[] {"utf-8", "ascii", "latin-1"}) {
                assertThat(of(type, encoding, json).flatOrNull()).isNotNull();
            }
            assertThat(of(type, "utf-16", json).flatOrNull()).isNull();
            assertThat(of(type, "utf-16le", json).flatOrNull()).isNull();
        }
        assertThat(of("text/plain", "utf-8", json).flatOrNull()).isNull();
        assertThat(of("text/json", "utf-8", new byte[0]).flatOrNull()).isNull();
    }

    private static Frame of(String type, String encoding, byte[] content) {
        return new Frame(new Header("little", type, encoding, content.length, 0, Map.of()), content);
    }

    /** If a frame was unpacked, or has a long header, it is not lent. */
    @Test
    void whatIsPackedOrHasALongHeaderIsGiven() {
        byte[] packed = Gzip.pack("unpacked".getBytes(StandardCharsets.UTF_8));
        byte[] head = ReadFrames.frame(
                "{" + ReadFrames.REQUIRED + ",\"id\":7,\"content-coding\":\"gzip\",\"content-length\":" + packed.length
                        + "}",
                "");
        byte[] message = Arrays.copyOf(head, head.length + packed.length);
        System.arraycopy(packed, 0, message, head.length, packed.length);
        for (FrameReader each : List.of(reader, new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST))) {
            Frame frame = ReadFrames.whole(each, message);
            assertThat(text(frame)).isEqualTo("unpacked");
            assertThat(frame.header().contentLength()).isEqualTo("unpacked".length());
            assertThat(frame.header().others()).isEmpty();
            assertThat(frame.isLent()).isFalse();
        }
        byte[] withLongHeader = ReadFrames.message("\"x\":\"" + "y".repeat(HeaderCache.BYTES_MAX) + "\"", "{}");
        assertThat(ReadFrames.whole(reader, withLongHeader).isLent()).isFalse();
    }

    @Test
    void whatAMessageTakesIsThereOnlyWhileItIsRead() {
        int idle = reader.heldBytes();
        byte[] message = ReadFrames.message("\"x\":\"" + "y".repeat(1_000) + "\"", "z".repeat(100_000));
        ReadFrames.words(reader, Arrays.copyOf(message, message.length - 1));
        assertThat(reader.heldBytes()).isBetween(idle + 50_000, idle + 110_000);
        ReadFrames.words(reader, Arrays.copyOfRange(message, message.length - 1, message.length));
        assertThat(reader.heldBytes()).isLessThan(idle + 10_000);
    }

    @Test
    void aReaderSaysWhereInAMessageItIs() {
        byte[] frame = ReadFrames.message("", "abc");
        int contentStart = frame.length - 3;
        for (int end = 0; end < frame.length; end++) {
            var each = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
            ReadFrames.words(each, Arrays.copyOf(frame, end));
            assertThat(each.isInsideFrame()).as("after %d bytes", end).isEqualTo(end > 0);
            assertThat(each.isInsideHeader()).as("after %d bytes", end).isEqualTo(end > 0 && end < contentStart);
        }
        ReadFrames.words(reader, frame);
        assertThat(reader.isInsideFrame()).isFalse();
        assertThat(reader.isInsideHeader()).isFalse();
        ReadFrames.words(reader, ReadFrames.frame("{\"content-length\":3}", "12"));
        assertThat(reader.isInsideFrame()).as("while it skips").isTrue();
        assertThat(reader.isInsideHeader()).isFalse();
        ReadFrames.words(reader, new byte[] {'3', 0, 0});
        assertThat(reader.isInsideFrame()).as("after a broken one").isFalse();
    }

    @Test
    void afterABrokenMessageItIsOfNoMoreUse() {
        byte[] broken = {0, 0, 1};
        assertThat(ReadFrames.words(reader, broken)).containsExactly("broken bad-frame");
        assertThatThrownBy(() -> reader.read(ByteBuffer.wrap(broken))).isInstanceOf(IllegalStateException.class);
        assertThat(reader.read(ByteBuffer.allocate(0))).isInstanceOf(FrameReader.NotYet.class);
    }
}
