package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that headers are written exactly, however much of the one before is used again. */
class FrameWriterTest {
    private static final String START =
            "{\"byteorder\": \"little\", \"content-type\": \"text/json\", \"content-encoding\": ";

    private final FrameWriter writer = new FrameWriter();

    private static Frame frame(long id, String content, Map<String, Object> others) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return new Frame(new Header("little", "text/json", "utf-8", bytes.length, id, others), bytes);
    }

    private String written(Frame frame, long id) {
        var bytes = new byte[writer.lengthOf(frame, id)];
        assertThat(writer.put(frame, id, bytes, 0)).isEqualTo(bytes.length);
        assertThat(ByteBuffer.wrap(bytes).getShort()).isEqualTo((short) (bytes.length - 2 - frame.content().length));
        return new String(bytes, 2, bytes.length - 2, StandardCharsets.UTF_8);
    }

    @Test
    void numbersAreWrittenAnewAndTheRestAgain() {
        assertThat(written(frame(0, "{}", Map.of()), 0)).isEqualTo(START + "\"utf-8\", \"content-length\": 2}{}");
        assertThat(written(frame(0, "", Map.of()), 0)).isEqualTo(START + "\"utf-8\", \"content-length\": 0}");
        assertThat(written(frame(0, "1234567890", Map.of()), 99))
                .isEqualTo(START + "\"utf-8\", \"content-length\": 10, \"id\": 99}1234567890");
        assertThat(written(frame(5, "1", Map.of()), Header.ID_MAX))
                .isEqualTo(START + "\"utf-8\", \"content-length\": 1, \"id\": 9007199254740991}1");
    }

    @Test
    void anyOtherDifferenceIsWritten() {
        var before = new Header("little", "text/json", "utf-8", 0, 0, Map.of());
        for (Header header : List.of(
                new Header("big", "text/json", "utf-8", 0, 0, Map.of()),
                new Header("little", "text/plain", "utf-8", 0, 0, Map.of()),
                new Header("little", "text/json", "ascii", 0, 0, Map.of()),
                new Header("little", "text/json", "utf-8", 0, 0, Map.of("action", "a")))) {
            written(new Frame(before, new byte[0]), 0);
            assertThat(written(new Frame(header, new byte[0]), 0)).isEqualTo(HeaderText.json(header));
        }
    }

    /** All connections of a loop share a writer, so headers of several kinds take turns. */
    @Test
    void severalHeadersTakeTurns() {
        for (int round = 0; round < 3; round++) {
            for (int kinds = 1; kinds < 8; kinds++) {
                for (int kind = 0; kind < kinds; kind++) {
                    Map<String, Object> others = kind == 0 ? Map.of() : Map.of("kind", "x".repeat(kind * 100));
                    Frame frame = frame(0, "1".repeat(kind), others);
                    assertThat(written(frame, 0)).isEqualTo(HeaderText.json(frame.header()) + "1".repeat(kind));
                }
            }
        }
    }

    @Test
    void everyKindOfValueIsWrittenAsPythonDoes() {
        var others = new LinkedHashMap<String, Object>();
        others.put("text", "ä\"\\\n\r\t\b\f\u0001🐶");
        others.put("numbers", List.of(new JsonNumber("1e5"), 7, 8L));
        others.put("words", List.of(true, false, JsonNull.NULL));
        others.put("empty", List.of(List.of(), Map.of()));
        var inner = new LinkedHashMap<String, Object>();
        inner.put("a", "b");
        inner.put("c", Map.of("d", List.of()));
        others.put("inner", inner);
        assertThat(HeaderText.json(new Header("big", "x", "binary", 3, 7, others)))
                .isEqualTo("{\"byteorder\": \"big\", \"content-type\": \"x\", \"content-encoding\": \"binary\", "
                        + "\"content-length\": 3, \"id\": 7, \"text\": \"ä\\\"\\\\\\n\\r\\t\\b\\f\\u0001🐶\", "
                        + "\"numbers\": [1e5, 7, 8], \"words\": [true, false, null], \"empty\": [[], {}], "
                        + "\"inner\": {\"a\": \"b\", \"c\": {\"d\": []}}}");
    }

    @Test
    void halfASurrogatePairIsEscapedAsUtf8CannotSayIt() {
        assertThat(JsonText.string("🐶")).isEqualTo("\"🐶\"");
        assertThat(JsonText.string("\ud83d")).isEqualTo("\"\\ud83d\"");
        assertThat(JsonText.string("\ud83dx")).isEqualTo("\"\\ud83dx\"");
        assertThat(JsonText.string("\udc36")).isEqualTo("\"\\udc36\"");
        assertThat(JsonText.string("x\udc36")).isEqualTo("\"x\\udc36\"");
        assertThat(JsonText.string("\ud83d\ud83d\udc36\udc36")).isEqualTo("\"\\ud83d🐶\\udc36\"");
    }

    @Test
    void aHeaderLongerThanAFrameCanSayIsRefused() {
        Frame longest = frame(0, "", Map.of("a", "x".repeat(60_000)));
        int room = 65_535 - (writer.lengthOf(longest) - 2);
        Frame exact = frame(0, "", Map.of("a", "x".repeat(60_000 + room)));
        assertThat(writer.lengthOf(exact)).isEqualTo(2 + 65_535);
        assertThatThrownBy(() -> writer.lengthOf(exact, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 65535");
    }
}
