package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Tests that half a surrogate pair, which UTF-8 cannot express, is sent as an escape and comes back as it was. */
class SurrogatePairsTest {
    record Text(String value, List<String> more) {}

    @ParameterizedTest
    @ValueSource(
            strings = {"\ud83d", "\udc36", "a\ud83db", "\udc36\ud83d", "\ud83d\ud83d\udc36", "🐶\ud83d", "\ud83d\\\"\n"
            })
    void itComesBack(String text) {
        var value = new Text(text, List.of(text));
        Message written = Message.ofValue(value);
        assertThat(written.as(Text.class)).isEqualTo(value);
        JsonNode tree = written.json();
        Message printed = Message.json(tree.toString());
        assertThat(printed.json()).isEqualTo(tree);
        assertThat(printed.as(Text.class)).isEqualTo(value);
        assertThat(Message.ofValue(tree).json()).isEqualTo(tree);
        assertThat(Message.ofValue(List.of(text)).json().get(0).stringValue()).isEqualTo(text);
        assertThat(Message.json(JsonText.string(text)).json().stringValue()).isEqualTo(text);
    }

    /** Both the writer and the reader refuse a name with half a pair. */
    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "\udc36", "a\ud83db", "\udc36\ud83d"})
    void asANameItIsRefused(String name) {
        assertThatThrownBy(() -> Message.ofValue(Map.of(name, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("the name of a member has half a surrogate pair");
        Message written = Message.json("{" + JsonText.string(name) + ": 1}");
        assertThatThrownBy(written::json).isInstanceOf(ContentException.class);
        assertThatThrownBy(() -> written.as(Map.class)).isInstanceOf(ContentException.class);
    }

    @Test
    void otherTextStaysAsItIs() {
        String json = "{\"ä\": \"🐶\"}";
        assertThat(JsonText.escaped(json)).isSameAs(json);
        assertThat(JsonText.utf8(json)).isEqualTo(json.getBytes(StandardCharsets.UTF_8));
        assertThat(JsonText.utf8("\"\ud83d\""))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("\"\\ud83d\"");
    }

    /** Text that is not JSON has no escapes. */
    @Test
    void textThatIsNotJsonIsRefused() {
        assertThatThrownBy(() -> Message.text("\ud83d")).isInstanceOf(IllegalArgumentException.class);
    }
}
