package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.Header.Direction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A header like the one before is not parsed again; what differs in anything but its numbers is not taken for one. */
class HeaderCacheTest {
    private static final FrameLimits LIMITS = new FrameLimits(8_192, 5_000);
    private static final String REST = "\"byteorder\":\"big\",\"content-type\":\"x\",\"content-encoding\":\"binary\"";
    private static final String LENGTH_FIRST = "{" + REST + ",\"content-length\":12,\"id\":7}";
    private static final String ID_FIRST = "{\"id\":7,\"content-length\":12," + REST + "}";

    private final HeaderCache memory = new HeaderCache();

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
        memory.remember(raw, raw.length, HeaderJson.parse(ByteBuffer.wrap(raw)), parsed);
        return parsed;
    }

    /** As a reader has it: in an array that is longer, with older bytes behind. */
    private @Nullable Header recall(String header) {
        byte[] bytes = header.getBytes(StandardCharsets.UTF_8);
        byte[] raw = Arrays.copyOf(bytes, bytes.length + 20);
        Arrays.fill(raw, bytes.length, raw.length, (byte) '9');
        return memory.recall(raw, bytes.length, LIMITS);
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

    /** Its numbers are elsewhere in the bytes than in the text; the one before is not known any more either. */
    @Test
    void aHeaderBeyondAsciiIsForgotten() throws FrameException {
        remember(LENGTH_FIRST);
        String beyond = LENGTH_FIRST.replace("\"x\"", "\"ä\"");
        remember(beyond);
        assertThat(recall(beyond)).isNull();
        assertThat(recall(LENGTH_FIRST)).isNull();
    }

    /** In which another digit would be another error. */
    @Test
    void aControlIsForgotten() throws FrameException {
        String control = "{" + REST + ",\"content-length\":0,\"control\":\"x\"}";
        remember(control);
        assertThat(recall(control)).isNull();
        assertThat(recall(control.replace(":0", ":1"))).isNull();
    }
}
