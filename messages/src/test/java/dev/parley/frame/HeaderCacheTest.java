package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.Header.Direction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that a header like the one before is not parsed again, and that a header that differs in anything but its
 * numbers is.
 */
class HeaderCacheTest {
    private static final FrameLimits LIMITS = FrameLimits.DEFAULT.withContentBytesMax(5_000);
    private static final String REST = "\"byteorder\":\"big\",\"content-type\":\"x\",\"content-encoding\":\"binary\"";
    private static final String LENGTH_FIRST = "{" + REST + ",\"content-length\":12,\"id\":7}";
    private static final String ID_FIRST = "{\"id\":7,\"content-length\":12," + REST + "}";

    private final HeaderCache memory = new HeaderCache(1);
    private @Nullable KnownHeader known;

    private static Header parsed(String header) {
        var reader = new FrameReader(LIMITS, Direction.REQUEST);
        byte[] frame = ReadFrames.frame(header, "");
        FrameReader.Result result = reader.read(ByteBuffer.wrap(frame));
        if (!(result instanceof FrameReader.Whole)) {
            result = reader.read(ByteBuffer.allocate(LIMITS.contentBytesMax()));
        }
        return ((FrameReader.Whole) result).frame().header();
    }

    private Header remember(String header) throws FrameException {
        byte[] raw = header.getBytes(StandardCharsets.UTF_8);
        Header parsed = parsed(header);
        known = memory.remember(raw, raw.length, Direction.REQUEST, HeaderJson.parse(ByteBuffer.wrap(raw)), parsed);
        return parsed;
    }

    /** Looks up a header as a reader has it: in an array that is longer, with older bytes behind. */
    private @Nullable Header recall(String header) {
        byte[] bytes = header.getBytes(StandardCharsets.UTF_8);
        byte[] raw = Arrays.copyOf(bytes, bytes.length + 20);
        Arrays.fill(raw, bytes.length, raw.length, (byte) '9');
        return memory.recall(known, raw, bytes.length, LIMITS);
    }

    @Test
    void nothingIsRecalledBeforeTheFirst() {
        assertThat(recall(LENGTH_FIRST)).isNull();
    }

    @Test
    void theSameBytesAreTheSameHeader() throws FrameException {
        for (String header : new String[] {LENGTH_FIRST, ID_FIRST, "{\"content-length\":0," + REST + "}"}) {
            assertThat(remember(header)).isSameAs(recall(header));
        }
    }

    @ParameterizedTest
    @CsvSource({"12,8", "13,7", "0,1", "5000,9007199254740991", "7,12", "1,1"})
    void otherNumbersMakeTheHeaderThatParsingWould(String length, String id) throws FrameException {
        for (String header : new String[] {LENGTH_FIRST, ID_FIRST}) {
            remember(header);
            String other = header.replace("\"id\":7", "\"id\":" + id)
                    .replace("\"content-length\":12", "\"content-length\":" + length);
            assertThat(recall(other)).isEqualTo(parsed(other));
        }
        String withoutId = "{\"content-length\":12," + REST + "}";
        remember(withoutId);
        String other = withoutId.replace("12", length);
        assertThat(recall(other)).isEqualTo(parsed(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "12|00",
                "12|012",
                "12|-1",
                "12|",
                "12|x",
                "12|1.0",
                "12|12 ",
                "12|5001",
                "12|12345678901234567",
                "7|0",
                "7|07",
                "7|",
                "7|-7",
                "7|9007199254740992",
                "7|12345678901234567",
                "\"id\"|\"ID\"",
                "\"x\"|\"y\"",
                "byteorder|Byteorder",
                "content-length|content-lengtH"
            },
            ignoreLeadingAndTrailingWhitespace = false,
            emptyValue = "")
    void whatIsOutOfRangeOrDiffersElsewhereIsForTheParser(String part, @Nullable String otherwise)
            throws FrameException {
        for (String header : new String[] {LENGTH_FIRST, ID_FIRST}) {
            remember(header);
            assertThat(recall(header.replace(part, otherwise == null ? "" : otherwise)))
                    .isNull();
            assertThat(recall(header)).as("it is still known").isNotNull();
        }
    }

    /** The cache gives the same result wherever the header is cut off, and with more bytes behind it. */
    @Test
    void aPartOfTheHeaderIsNotIt() throws FrameException {
        for (String header : new String[] {LENGTH_FIRST, ID_FIRST}) {
            remember(header);
            for (int end = 0; end < header.length(); end++) {
                assertThat(recall(header.substring(0, end)))
                        .as("first %d characters", end)
                        .isNull();
            }
            assertThat(recall(header + " ")).isNull();
        }
    }

    /** Its numbers are at other places in the bytes than in the text; the header before is forgotten too. */
    @Test
    void aHeaderBeyondAsciiIsForgotten() throws FrameException {
        remember(LENGTH_FIRST);
        String beyond = LENGTH_FIRST.replace("\"x\"", "\"ä\"");
        remember(beyond);
        assertThat(recall(beyond)).isNull();
        assertThat(recall(LENGTH_FIRST)).isNull();
    }

    /** In a control, another digit would be another error. */
    @Test
    void aControlIsForgotten() throws FrameException {
        String control = "{" + REST + ",\"content-length\":0,\"control\":\"x\"}";
        remember(control);
        assertThat(recall(control)).isNull();
        assertThat(recall(control.replace(":0", ":1"))).isNull();
    }

    private KnownHeader known(HeaderCache cache, String header, Direction direction) throws FrameException {
        byte[] raw = header.getBytes(StandardCharsets.UTF_8);
        HeaderJson json = HeaderJson.parse(ByteBuffer.wrap(raw));
        return Objects.requireNonNull(cache.remember(raw, raw.length, direction, json, parsed(header)));
    }

    /** A header that one connection may send may be wrong in the other direction, and keys have other meanings. */
    @Test
    void connectionsShareAHeaderOfTheSameDirection() throws FrameException {
        var shared = new HeaderCache(4);
        KnownHeader first = known(shared, LENGTH_FIRST, Direction.REQUEST);
        assertThat(known(shared, LENGTH_FIRST, Direction.REQUEST)).isSameAs(first);
        assertThat(known(shared, LENGTH_FIRST, Direction.RESPONSE)).isNotSameAs(first);
    }

    @Test
    void credentialsAreKeptForTheirConnectionAlone() throws FrameException {
        var shared = new HeaderCache(4);
        String header = "{\"authorization\":\"Bearer 1\",\"content-length\":12," + REST + "}";
        KnownHeader first = known(shared, header, Direction.REQUEST);
        byte[] raw = header.getBytes(StandardCharsets.UTF_8);
        assertThat(shared.recall(first, raw, raw.length, LIMITS)).isSameAs(first.header());
        assertThat(known(shared, header, Direction.REQUEST)).isNotSameAs(first);
    }

    @Test
    void aConnectionKeepsItsHeaderWhenOthersHaveTakenItsPlace() throws FrameException {
        var shared = new HeaderCache(1);
        KnownHeader first = known(shared, LENGTH_FIRST, Direction.REQUEST);
        KnownHeader other = known(shared, ID_FIRST, Direction.REQUEST);
        byte[] raw = LENGTH_FIRST.getBytes(StandardCharsets.UTF_8);
        assertThat(shared.recall(first, raw, raw.length, LIMITS)).isSameAs(first.header());
        assertThat(shared.recall(other, raw, raw.length, LIMITS)).isNull();
    }
}
