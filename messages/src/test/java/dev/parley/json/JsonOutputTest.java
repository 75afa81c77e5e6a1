package dev.parley.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that JSON that is written piece by piece is complete and in order, whatever the lengths of the pieces. */
class JsonOutputTest {
    private static String text(JsonOutput output) {
        return new String(output.joined().together(), StandardCharsets.UTF_8);
    }

    @Test
    void anOutputWithoutPiecesIsEmpty() {
        assertThat(new JsonOutput().joined().length()).isZero();
    }

    @Test
    void numbersAreWrittenAsJsonWritesThem() {
        var output = new JsonOutput();
        output.put('[');
        output.putWhole(Long.MIN_VALUE);
        output.put(',');
        output.putWhole(0);
        output.put(',');
        output.putFraction(-1.5e-300);
        output.put(']');
        assertThat(text(output)).isEqualTo("[-9223372036854775808,0,-1.5E-300]");
    }

    /** The lengths are around the length of a text that is checked byte by byte. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 47, 48, 49, 127, 128, 40_000})
    void textsOfAnyLengthAreQuoted(int length) {
        var output = new JsonOutput();
        assertThat(output.putText("x".repeat(length))).isTrue();
        assertThat(text(output)).isEqualTo("\"" + "x".repeat(length) + "\"");
    }

    @Test
    void whatNeedsAnEscapeGetsIt() {
        var output = new JsonOutput();
        assertThat(output.putText("a\"b\\c\nd\u0001é€😀")).isTrue();
        assertThat(text(output)).isEqualTo("\"a\\\"b\\\\c\\nd\\u0001é€😀\"");
    }

    @Test
    void nothingIsPutOfATextWithHalfASurrogatePair() {
        var output = new JsonOutput();
        output.put('[');
        assertThat(output.putText("a\ud83d")).isFalse();
        assertThat(output.putText("x".repeat(100) + "\ude00")).isFalse();
        output.put(']');
        assertThat(text(output)).isEqualTo("[]");
    }

    /** A question mark is also what an encoder puts in place of half a surrogate pair. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shortTextsOfAnyLettersAreWrittenAsLongOnesAre(long seed) {
        String[] letters = {
            "a", "Z", "?", " ", "\"", "\\", "\n", "\u0000", "\u001f", "\u007f", "é", "€", "😀", "\ud83d", "\ude00"
        };
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            int kinds = random.nextInt(1, letters.length + 1);
            var text = new StringBuilder();
            for (int left = random.nextInt(52); left > 0; left--) {
                text.append(letters[random.nextInt(kinds)]);
            }
            String wanted = text.toString();
            var output = new JsonOutput();
            output.put('[');
            boolean put = output.putText(wanted);
            assertThat(put).as("seed %d, %s", seed, wanted).isEqualTo(!JsonText.hasHalfPair(wanted));
            assertThat(text(output).substring(1))
                    .as("seed %d", seed)
                    .isEqualToIgnoringCase(put ? JsonText.string(wanted) : "");
        }
    }

    /** The lengths are around the length from which a piece is kept, first and behind another piece. */
    @ParameterizedTest
    @ValueSource(ints = {32_767, 32_768, 32_769})
    void longPiecesAreKeptInTheirPlace(int length) {
        var piece = new byte[length];
        Arrays.fill(piece, (byte) 'p');
        String all = "p".repeat(length);
        for (String before : new String[] {"", "b"}) {
            var output = new JsonOutput();
            if (!before.isEmpty()) {
                output.put('b');
            }
            output.put(piece);
            output.put('a');
            output.put(piece);
            assertThat(text(output)).isEqualTo(before + all + "a" + all);
        }
    }

    @Test
    void manyShortPiecesFillOneArrayAfterAnother() {
        var output = new JsonOutput();
        var expected = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            output.putWhole(i);
            output.put(',');
            expected.append(i).append(',');
        }
        assertThat(text(output)).isEqualTo(expected.toString());
    }
}
