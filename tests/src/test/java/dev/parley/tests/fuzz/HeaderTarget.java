package dev.parley.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNumber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tests that a header is read as Jackson reads it, within the bounds of docs/protocol.md, and one that a reader
 * remembers is the same as one that is parsed in full. The input: flags, and headers with FF between them.
 */
final class HeaderTarget implements Target {
    private static final FrameLimits LIMITS =
            FrameLimits.DEFAULT.withHeaderBytesMax(65_535).withContentBytesMax(10_000);
    private static final byte[] ZEROS = new byte[LIMITS.contentBytesMax()];
    private static final String REQUIRED =
            "{\"byteorder\": \"big\", \"content-type\": \"x\", \"content-encoding\": \"utf-8\", "
                    + "\"content-length\": 3, \"x\": ";
    private static final byte BETWEEN = (byte) 0xff;
    private static final int HEADERS_MAX = 4;
    private static final int OTHER_DIGITS_MAX = 12;

    @Override
    public void run(byte[] data) {
        var input = new FuzzInput(data);
        int flags = input.flags();
        Direction direction = (flags & 1) == 0 ? Direction.REQUEST : Direction.RESPONSE;
        boolean isValue = (flags & 2) != 0;
        boolean mayHoldAnything = (flags & 4) != 0; // FF too
        byte[] rest = input.rest();
        List<byte[]> headers = mayHoldAnything ? List.of(rest) : split(rest);
        if (isValue) {
            headers = headers.stream().map(HeaderTarget::wrapped).toList();
        }
        for (byte[] header : headers) {
            checkAgainstJackson(header, direction);
        }
        var oneAfterAnother = new ArrayList<byte[]>();
        for (byte[] header : headers) {
            oneAfterAnother.add(header);
            oneAfterAnother.addAll(withOtherDigits(header));
            oneAfterAnother.add(header);
            oneAfterAnother.add(headers.getFirst());
        }
        checkMemory(oneAfterAnother, direction);
    }

    private static List<byte[]> split(byte[] data) {
        var parts = new ArrayList<byte[]>();
        int start = 0;
        for (int at = 0; at <= data.length && parts.size() < HEADERS_MAX; at++) {
            if (at == data.length || data[at] == BETWEEN) {
                parts.add(Arrays.copyOfRange(data, start, at));
                start = at + 1;
            }
        }
        return parts;
    }

    private static byte[] wrapped(byte[] value) {
        byte[] header = Arrays.copyOf(REQUIRED.getBytes(StandardCharsets.UTF_8), REQUIRED.length() + value.length + 1);
        System.arraycopy(value, 0, header, REQUIRED.length(), value.length);
        header[header.length - 1] = '}';
        return header;
    }

    // Against Jackson.

    private static void checkAgainstJackson(byte[] header, Direction direction) {
        if (header.length < 2 || header[0] != '{' || header.length > LIMITS.headerBytesMax()) {
            return;
        }
        Map<String, Object> members = StrictJson.objectOrNull(header);
        FrameReader.Result result = read(new FrameReader(LIMITS, direction), header);
        boolean isGood =
                !(result instanceof FrameReader.Broken broken && broken.error().code() == ErrorCode.BAD_HEADER);
        assertThat(isGood)
                .as("to Jackson it is %s; here: %s", members, result)
                .isEqualTo(members != null && HeaderBounds.areKeptBy(members));
        if (members != null && result instanceof FrameReader.Whole whole) {
            assertThat(membersOf(whole.frame().header())).isEqualTo(lowered(members));
            var others = new ArrayList<>(members.keySet());
            others.removeAll(List.of("byteorder", "content-type", "content-encoding", "content-length", Header.ID));
            assertThat(new ArrayList<>(whole.frame().header().others().keySet()))
                    .isEqualTo(others);
        }
    }

    private static Map<String, Object> membersOf(Header header) {
        var members = new LinkedHashMap<>(header.others());
        members.put("byteorder", header.byteOrder());
        members.put("content-type", header.contentType());
        members.put("content-encoding", header.contentEncoding());
        members.put("content-length", new JsonNumber(Integer.toString(header.contentLength())));
        if (header.id() != Header.NO_ID) {
            members.put(Header.ID, new JsonNumber(Long.toString(header.id())));
        }
        return members;
    }

    /** Returns the members with the encoding in lower case, because its case does not matter. */
    private static Map<String, Object> lowered(Map<String, Object> members) {
        var lowered = new LinkedHashMap<>(members);
        lowered.computeIfPresent("content-encoding", (_, name) -> ((String) name).toLowerCase(Locale.ROOT));
        return lowered;
    }

    // Against the same header, parsed in full.

    /** Returns the header with another digit in one place, and with one more. */
    private static List<byte[]> withOtherDigits(byte[] header) {
        var others = new ArrayList<byte[]>();
        for (int at = 0; at < header.length && others.size() < OTHER_DIGITS_MAX; at++) {
            if (header[at] >= '0' && header[at] <= '9') {
                byte[] other = header.clone();
                other[at] = (byte) ('0' + (header[at] - '0' + 1 + at % 9) % 10);
                others.add(other);
                byte[] longer = Arrays.copyOf(header, header.length + 1);
                System.arraycopy(header, at, longer, at + 1, header.length - at);
                others.add(longer);
            }
        }
        return others;
    }

    private static void checkMemory(List<byte[]> headers, Direction direction) {
        var remembering = new FrameReader(LIMITS, direction);
        for (byte[] header : headers) {
            FrameReader.Result inFull = read(new FrameReader(LIMITS, direction), header);
            FrameReader.Result remembered = read(remembering, header);
            assertThat(asValue(remembered)).isEqualTo(asValue(inFull));
            if (!(inFull instanceof FrameReader.Whole || inFull instanceof FrameReader.Refused)) {
                remembering = new FrameReader(LIMITS, direction);
            }
        }
    }

    /** Compares by what it holds; what follows a header is zeros, and a content that is skipped is read to its end. */
    private static List<@Nullable Object> asValue(FrameReader.Result result) {
        return switch (result) {
            case FrameReader.Whole whole ->
                Arrays.asList(whole.frame().header(), whole.frame().content().length);
            case FrameReader.Refused refused ->
                Arrays.asList(
                        refused.id(), refused.error().code(), refused.error().getMessage());
            case FrameReader.Broken broken ->
                Arrays.asList(broken.error().code(), broken.error().getMessage());
            case FrameReader.NotYet _, FrameReader.Foreign _ -> Arrays.asList(result);
        };
    }

    /** Returns the result of a header, with as many zeros after it as its content has. */
    private static FrameReader.Result read(FrameReader reader, byte[] header) {
        ByteBuffer bytes = ByteBuffer.wrap(Frames.frame(header, new byte[0]));
        FrameReader.Result result = reader.read(bytes);
        ByteBuffer zeros = ByteBuffer.wrap(ZEROS);
        if (result instanceof FrameReader.NotYet && !reader.isInsideHeader()) {
            result = reader.read(zeros);
        } else if (result instanceof FrameReader.Refused) {
            skip(reader, zeros);
        }
        return result;
    }

    /** Skips one zero at a time, as a zero too many would begin the next message. */
    private static void skip(FrameReader reader, ByteBuffer zeros) {
        while (reader.isInsideFrame()) {
            zeros.limit(zeros.position() + 1);
            reader.read(zeros);
        }
    }
}
