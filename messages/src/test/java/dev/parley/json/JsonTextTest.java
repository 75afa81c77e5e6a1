package dev.parley.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts become UTF-8, or are refused for half a surrogate pair, in the short and in the long way of looking. */
class JsonTextTest {
    private static final int[] LENGTHS = {0, 10, 100, 10_000};

    /** With question marks, which are what the JDK writes for half a pair. */
    @ParameterizedTest
    @ValueSource(strings = {"", "?", "é", "é?", "😀", "😀?", "€€"})
    void aTextWithoutHalfAPairIsItsUtf8(String end) {
        for (int length : LENGTHS) {
            String text = "x".repeat(length) + end;
            assertThat(JsonText.utf8OrNull(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "\ude00", "\ude00\ud83d", "é\ud83d", "\ud83dx", "?\ud83d", "😀\ude00?"})
    void halfAPairHasNoUtf8(String end) {
        for (int length : LENGTHS) {
            assertThat(JsonText.utf8OrNull("x".repeat(length) + end)).isNull();
            assertThat(JsonText.utf8OrNull(end + "x".repeat(length))).isNull();
            assertThat(JsonText.escapedUtf8OrNull("x".repeat(length) + end)).isNull();
        }
    }
}
