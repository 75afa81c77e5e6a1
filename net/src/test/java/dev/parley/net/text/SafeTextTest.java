package dev.parley.net.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTextTest {
    /**
     * Such characters are a control character, a direction mark, half a pair, both separators, and unassigned code
     * points.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 0x1b, 0x7f, 0x9b, 0x202e, 0xd800, 0x2028, 0x2029, 0x378})
    void whatDoesNotPrintIsItsCodePoint(int point) {
        String text = "a" + Character.toString(point) + "b";
        String escaped = String.format("a\\u%04xb", point);
        assertThat(SafeText.text(text)).isEqualTo(escaped);
        assertThat(SafeText.lines(text)).isEqualTo(escaped);
    }

    /** So a line of JSON on a terminal remains the same JSON. */
    @Test
    void aboveTheFirstPlaneItIsAPair() {
        assertThat(SafeText.text("a\udb40\udc01b")).isEqualTo("a\\udb40\\udc01b");
        assertThat(SafeText.lines("\udbff\udfff")).isEqualTo("\\udbff\\udfff");
    }

    @Test
    void whatPrintsStaysAsItIs() {
        assertThat(SafeText.text("a ä 🐶 \\ \ue000")).isEqualTo("a ä 🐶 \\ \ue000");
    }

    @Test
    void onlyLinesKeepLineFeedsAndTabs() {
        assertThat(SafeText.text("a\n\tb\r")).isEqualTo("a\\u000a\\u0009b\\u000d");
        assertThat(SafeText.lines("a\n\tb\r")).isEqualTo("a\n\tb\\u000d");
    }

    @Test
    void aTextIsCutAfter256CodePointsAndLinesAreNot() {
        assertThat(SafeText.text("🐶".repeat(256))).isEqualTo("🐶".repeat(256));
        assertThat(SafeText.text("🐶".repeat(257))).isEqualTo("🐶".repeat(256) + "…");
        assertThat(SafeText.lines("🐶".repeat(257))).isEqualTo("🐶".repeat(257));
    }
}
