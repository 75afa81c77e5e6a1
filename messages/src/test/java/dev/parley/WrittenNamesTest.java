package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import dev.parley.json.JsonScan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that the names of members that are written can be read: none occurs twice, and none is too long. */
class WrittenNamesTest {
    record Point(int x, int y) {}

    /** An object whose further members may have the name of its own one. */
    static final class Open {
        public final int x = 1;
        private final Map<String, Integer> others;

        Open(Map<String, Integer> others) {
            this.others = others;
        }

        @JsonAnyGetter
        public Map<String, Integer> others() {
            return others;
        }
    }

    private static void assertIsTwice(Object value) {
        assertThatThrownBy(() -> Message.ofValue(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Duplicate Object property");
    }

    @Test
    void aNameIsNotWrittenTwice() {
        var mixed = new LinkedHashMap<Object, String>();
        mixed.put(1, "a");
        mixed.put("1", "b");
        assertIsTwice(mixed);
        assertIsTwice(List.of(mixed));
        assertIsTwice(new Open(Map.of("x", 2)));
        mixed.remove("1");
        assertThat(Message.ofValue(List.of(mixed, mixed, new Open(Map.of("y", 2)), new Point(1, 2)))
                        .json())
                .hasSize(4);
    }

    /** Each letter is written in one to six bytes, and the limit counts these. */
    @Test
    void aNameThatIsWrittenCanBeRead() {
        for (String letter : letters()) {
            int bytes = bytesOf(letter);
            int most = JsonScan.NAME_BYTES_MAX / bytes;
            Map<String, Integer> longest = Map.of(letter.repeat(most), 1);
            assertThat(Message.ofValue(longest).json()).as(letter).hasSize(1);
            Map<String, Integer> longer = Map.of(letter.repeat(most + 1), 1);
            assertThatThrownBy(() -> Message.ofValue(longer))
                    .as(letter)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has more than 50000 bytes, with its escapes");
        }
    }

    private static List<String> letters() {
        var letters = new ArrayList<String>();
        for (char letter = 0; letter < 0x80; letter++) {
            letters.add(String.valueOf(letter));
        }
        letters.addAll(List.of("ä", "€", "🐶", "\u2028"));
        return letters;
    }

    private static int bytesOf(String letter) {
        int around = Message.ofValue(Map.of("", 1)).contentLength();
        return Message.ofValue(Map.of(letter, 1)).contentLength() - around;
    }
}
