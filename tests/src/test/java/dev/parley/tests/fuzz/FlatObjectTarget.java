package dev.parley.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.json.FlatObject;
import dev.parley.json.JsonScan;
import dev.parley.memory.ContentPool;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tests that a flat object that is read by hand is the same object to Jackson, also if it is read again in a lent
 * array.
 */
final class FlatObjectTarget implements Target {
    private static final byte BETWEEN = (byte) 0xff;
    private static final int LENT_BYTES_MAX = 4_096;
    private static final int LONG_DIGITS = 18;

    @Override
    public void run(byte[] data) {
        int end = 0;
        while (end < data.length && data[end] != BETWEEN) {
            end++;
        }
        byte[] first = Arrays.copyOf(data, end);
        byte[] second = Arrays.copyOfRange(data, Math.min(data.length, end + 1), data.length);
        check(first, FlatObject.parseOrNull(first));
        check(second, FlatObject.parseOrNull(second));
        checkLent(first, Arrays.copyOf(second, first.length));
    }

    /**
     * Checks two objects. The second is read into the array of the first, in which the first's object has been read.
     */
    private static void checkLent(byte[] first, byte[] second) {
        if (first.length > LENT_BYTES_MAX) {
            return;
        }
        var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST, new ContentPool());
        for (byte[] content : new byte[][] {first, second, first}) {
            var header = new Header("little", "text/json", "utf-8", content.length, Header.NO_ID, Map.of());
            ByteBuffer bytes = FrameWriter.write(new Frame(header, content));
            var whole = (FrameReader.Whole) reader.read(bytes);
            FlatObject again = whole.frame().flatOrNull();
            assertThat(again != null).isEqualTo(FlatObject.parseOrNull(content) != null);
            check(content, again);
        }
    }

    private static void check(byte[] json, @Nullable FlatObject flat) {
        if (flat == null) {
            return;
        }
        Map<String, Object> members = StrictJson.object(json);
        assertThatCode(() -> JsonScan.of(json, 1, 9)).doesNotThrowAnyException();
        assertThat(members).hasSizeLessThanOrEqualTo(8);
        members.forEach((name, value) -> check(flat, name, value));
        String nobody = String.join("", members.keySet()) + "x";
        assertThat(flat.has(nobody)).isFalse();
        assertThat(flat.text(nobody)).isNull();
        assertThat(flat.isText(nobody, "")).isFalse();
        assertThat(flat.number(nobody)).isEqualTo(-1);
        assertThat(flat.truthOrNull(nobody)).isNull();
    }

    private static void check(FlatObject flat, String name, Object value) {
        assertThat(flat.has(name)).isTrue();
        assertThat(flat.text(name)).isEqualTo(value instanceof String text ? text : null);
        assertThat(flat.isText(name, String.valueOf(value))).isEqualTo(value instanceof String);
        assertThat(flat.isText(name, value + "x")).isFalse();
        assertThat(flat.number(name)).isEqualTo(value instanceof JsonNumber number ? longOf(number) : -1);
        assertThat(flat.truthOrNull(name)).isEqualTo(value instanceof Boolean truth ? truth : null);
        assertThat(value).isInstanceOfAny(String.class, JsonNumber.class, Boolean.class, JsonNull.class);
    }

    private static long longOf(JsonNumber number) {
        return number.text().length() > LONG_DIGITS ? -1 : Long.parseLong(number.text());
    }
}
