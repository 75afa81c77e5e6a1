package dev.parley.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.memory.ContentPool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tests that each message within the rules is read as it was written, one after another, by a writer that remembers.
 */
final class RoundTripTarget implements Target {
    private static final FrameLimits LIMITS =
            FrameLimits.DEFAULT.withHeaderBytesMax(65_535).withContentBytesMax(1024);
    private static final List<String> ENCODINGS = List.of(
            "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "utf-16", "utf-16le", "utf-16be", "binary");
    private static final List<String> TYPES = List.of("text/json", "application/json", "text/plain", "binary/x");
    private static final List<String> NUMBERS =
            List.of("0", "-0", "1", "-17", "3.25", "1e5", "1E-300", "12345678901234567890", "0.0e+0");
    private static final List<Long> IDS =
            List.of(Header.NO_ID, 1L, 9L, 10L, 999L, 1_000L, Header.ID_MAX - 1, Header.ID_MAX);
    private static final int FRAMES_MAX = 8;
    private static final int DEPTH_MAX = 4;
    private static final int TEXT_BYTES_MAX = 60;
    private static final int NAME_BYTES_MAX = 18; // a byte that is not UTF-8 becomes three
    private static final int CONTENT_BYTES_MAX = 40;

    @Override
    public void run(byte[] data) {
        var input = new FuzzInput(data);
        ContentPool lent = input.flip() ? new ContentPool() : null;
        var frames = new ArrayList<Frame>();
        while (!input.isEmpty() && frames.size() < FRAMES_MAX) {
            frames.add(frame(input, frames));
        }
        var reader = new FrameReader(LIMITS, Direction.REQUEST, lent);
        ByteBuffer bytes = written(frames);
        for (Frame frame : frames) {
            FrameReader.Result result = reader.read(bytes);
            assertThat(result).as("%s", frame.header()).isInstanceOf(FrameReader.Whole.class);
            Frame read = ((FrameReader.Whole) result).frame();
            assertThat(read.header()).isEqualTo(frame.header());
            assertThat(new ArrayList<>(read.header().others().keySet()))
                    .isEqualTo(new ArrayList<>(frame.header().others().keySet()));
            assertThat(read.content()).isEqualTo(frame.content());
        }
        assertThat(bytes.hasRemaining()).isFalse();
    }

    /** Returns the bytes of the frames, each of the length that was announced before. */
    private static ByteBuffer written(List<Frame> frames) {
        var writer = new FrameWriter();
        var bytes = new byte[frames.stream().mapToInt(writer::lengthOf).sum()];
        int at = 0;
        for (Frame frame : frames) {
            int length = writer.lengthOf(frame);
            int next = writer.put(frame, bytes, at);
            assertThat(next - at).isEqualTo(length);
            assertThat(FrameWriter.write(frame)).isEqualTo(ByteBuffer.wrap(bytes, at, length));
            at = next;
        }
        return ByteBuffer.wrap(bytes);
    }

    /** Returns nearly the frame before, or a new one. */
    private static Frame frame(FuzzInput input, List<Frame> before) {
        byte[] content;
        Header like;
        if (!before.isEmpty() && input.flip()) {
            like = before.getLast().header();
        } else {
            like = new Header(input.flip() ? "little" : "big", type(input), "utf-8", 0, 0, members(input, 1));
        }
        content = input.bytes(input.below(CONTENT_BYTES_MAX));
        String encoding = ENCODINGS.get(input.below(ENCODINGS.size()));
        boolean mustBeText = like.contentType().endsWith("/json");
        return new Frame(
                new Header(
                        like.byteOrder(),
                        like.contentType(),
                        mustBeText && encoding.equals("binary") ? "utf-8" : encoding,
                        content.length,
                        IDS.get(input.below(IDS.size())),
                        like.others()),
                content);
    }

    private static String type(FuzzInput input) {
        int choice = input.below(TYPES.size() + 1);
        if (choice < TYPES.size()) {
            return TYPES.get(choice);
        }
        String withoutControls = input.text(input.below(TEXT_BYTES_MAX))
                .codePoints()
                .filter(point -> !Character.isISOControl(point))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return withoutControls.isEmpty() ? "x" : withoutControls;
    }

    /** Returns unknown keys: on the top level the protocol has names of its own. */
    private static Map<String, Object> members(FuzzInput input, int depth) {
        var members = new LinkedHashMap<String, Object>();
        for (int left = input.below(4); left > 0; left--) {
            String name = input.text(input.below(NAME_BYTES_MAX));
            members.put(depth == 1 ? "x-" + name : name, value(input, depth));
        }
        return members;
    }

    private static Object value(FuzzInput input, int depth) {
        return switch (input.below(depth < DEPTH_MAX ? 6 : 4)) {
            case 0 -> input.text(input.below(TEXT_BYTES_MAX));
            case 1 -> new JsonNumber(NUMBERS.get(input.below(NUMBERS.size())));
            case 2 -> input.flip();
            case 3 -> JsonNull.NULL;
            case 4 -> items(input, depth);
            default -> members(input, depth + 1);
        };
    }

    private static List<Object> items(FuzzInput input, int depth) {
        var items = new ArrayList<>();
        for (int left = input.below(4); left > 0; left--) {
            items.add(value(input, depth + 1));
        }
        return items;
    }
}
