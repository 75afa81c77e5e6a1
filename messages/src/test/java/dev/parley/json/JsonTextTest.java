package dev.parley.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that texts become UTF-8, or are refused for half a surrogate pair, both in the short and in the long way of
 * checking.
 */
class JsonTextTest {
    private static final int[] LENGTHS = {0, 10, 100, 10_000};

    /** The texts have question marks, which the JDK writes instead of half a pair. */
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

    /**
     * The lengths are around the length of a text that is encoded piece by piece, with pairs across the borders of
     * pieces.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void longTextsOfAnyLettersAreEscapedAsShortOnesAre(long seed) {
        String[] letters = {
            "a",
            "?",
            "\"",
            "\\",
            "\n",
            "\u0001",
            "\u007f",
            "\u0080",
            "é",
            "\u07ff",
            "\u0800",
            "€",
            "\ud7ff",
            "\ue000",
            "\uffff",
            "😀",
            "\udbff\udfff",
            "\ud83d",
            "\ude00"
        };
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            int kinds = random.nextInt(1, letters.length - (i % 4 == 0 ? 0 : 2) + 1);
            int length = random.nextInt(4) == 0 ? random.nextInt(1_000, 5_000) : random.nextInt(60, 200);
            var text = new StringBuilder();
            while (text.length() < length) {
                text.append(random.nextInt(3) == 0 ? letters[random.nextInt(kinds)] : "x");
            }
            String wanted = text.toString();
            byte[] escaped = JsonText.escapedUtf8OrNull(wanted);
            if (JsonText.hasHalfPair(wanted)) {
                assertThat(escaped).as("seed %d, text %d", seed, i).isNull();
            } else {
                assertThat('"' + new String(escaped, StandardCharsets.UTF_8) + '"')
                        .as("seed %d, text %d", seed, i)
                        .isEqualToIgnoringCase(JsonText.string(wanted));
            }
        }
    }

    @Test
    void theFirstByteToEscapeIsFoundAtEachPlace() {
        for (int hit : new int[] {'"', '\\', 0, 1, 0x1f}) {
            for (int before = 0; before < 20; before++) {
                for (byte other : new byte[] {' ', '!', 0x7f, (byte) 0x80, (byte) 0xa2, (byte) 0xdc, (byte) 0xff}) {
                    var bytes = new byte[24];
                    Arrays.fill(bytes, other);
                    assertThat(Utf8.nextToEscape(bytes, 0)).isEqualTo(24);
                    bytes[before] = (byte) hit;
                    assertThat(Utf8.nextToEscape(bytes, 0)).isEqualTo(before);
                    assertThat(Utf8.nextToEscape(bytes, before + 1)).isEqualTo(24);
                }
            }
        }
    }
}
