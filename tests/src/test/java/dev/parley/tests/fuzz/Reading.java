package dev.parley.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameException;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.link.ForeignProtocol;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The results of a reader for a stream that comes in pieces. */
final class Reading {
    /**
     * One result, as a value.
     *
     * @param end how many bytes of the stream were taken by then
     */
    record Seen(
            String kind,
            int end,
            @Nullable Header header,
            List<Byte> content,
            @Nullable ErrorCode code,
            String words,
            long id) {
        boolean isLast() {
            return kind.equals("broken") || kind.equals("foreign");
        }
    }

    private final FrameReader reader;
    private final List<Seen> seen = new ArrayList<>();
    private boolean over;

    Reading(FrameReader reader) {
        this.reader = reader;
    }

    List<Seen> seen() {
        return seen;
    }

    /** Reads on, from the buffer's position up to {@code end}. */
    void take(ByteBuffer stream, int end) {
        stream.limit(end);
        while (stream.hasRemaining() && !over) {
            int before = stream.position();
            FrameReader.Result result = reader.read(stream);
            if (result instanceof FrameReader.NotYet) {
                assertThat(stream.remaining()).as("left of %d bytes", end).isZero();
                return;
            }
            Seen next = seen(result, stream.position());
            assertThat(next.end() > before || next.isLast())
                    .as("it gets on: %s", next)
                    .isTrue();
            seen.add(next);
            over = next.isLast();
        }
        if (over && stream.hasRemaining()) {
            assertThatThrownBy(() -> reader.read(stream)).isInstanceOf(IllegalStateException.class);
            stream.position(end);
        }
    }

    /** Says where the stream has ended. */
    List<Seen> ended(int end) {
        assertThat(reader.isInsideFrame() || !reader.isInsideHeader())
                .as("inside a header, but not inside a frame")
                .isTrue();
        String where = reader.isInsideHeader() ? "in a header" : reader.isInsideFrame() ? "in a content" : "between";
        seen.add(new Seen(where, end, null, List.of(), null, "", 0));
        return seen;
    }

    private static Seen seen(FrameReader.Result result, int end) {
        return switch (result) {
            case FrameReader.NotYet _ -> throw new AssertionError("not to be seen");
            case FrameReader.Whole whole -> {
                byte[] content = whole.frame().content();
                var copy = new ArrayList<Byte>(content.length);
                for (byte each : content) {
                    copy.add(each);
                }
                yield new Seen("whole", end, whole.frame().header(), copy, null, "", 0);
            }
            case FrameReader.Refused refused -> ofError("refused", end, refused.error(), refused.id());
            case FrameReader.Broken broken -> ofError("broken", end, broken.error(), 0);
            case FrameReader.Foreign foreign ->
                new Seen(
                        "foreign",
                        end,
                        null,
                        List.of(),
                        null,
                        ForeignProtocol.guess(foreign).name(),
                        0);
        };
    }

    private static Seen ofError(String kind, int end, FrameException error, long id) {
        assertThat(error.boundaryKnown()).isEqualTo(kind.equals("refused"));
        return new Seen(kind, end, null, List.of(), error.code(), String.valueOf(error.getMessage()), id);
    }
}
