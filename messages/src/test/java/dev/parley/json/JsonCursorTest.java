package dev.parley.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a cursor over JSON without a fault: its place after each step, and which values it reads itself. */
class JsonCursorTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a cursor at the value of a member that only the end of the object follows. */
    private static JsonCursor at(String value) {
        byte[] json = bytes("{\"v\":" + value + "}");
        try {
            return Objects.requireNonNull(
                    JsonScan.of(json, JsonScan.DEPTH_MAX, Integer.MAX_VALUE).cursorOrNull("v"));
        } catch (JsonFault e) {
            throw new AssertionError(value, e);
        }
    }

    /** Returns a cursor at a value that no byte follows. */
    private static JsonCursor alone(String value) {
        return new JsonCursor(bytes(value), 0, -1);
    }

    private static List<JsonCursor> both(String value) {
        return List.of(at(value), alone(value));
    }

    @Test
    void itWalksFromItemToItem() {
        JsonCursor cursor = at(" [ 1 , 2,\t[ ] ,{ } , \"a\\\"]\" ,-1.5E+3, null,{\"é\":[true]}, 4 ] ");
        var first = new ArrayList<Character>();
        for (boolean more = cursor.enter(); more; more = cursor.next()) {
            first.add((char) cursor.first());
            cursor.skip();
        }
        assertThat(first).containsExactly('1', '2', '[', '{', '"', '-', 'n', '{', '4');
    }

    @Test
    void anEmptyArrayIsPassedAtOnce() {
        JsonCursor cursor = at("[[ ], 7]");
        assertThat(cursor.enter()).isTrue();
        assertThat(cursor.enter()).isFalse();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.wholeOrNull()).isEqualTo(7);
        assertThat(cursor.next()).isFalse();
    }

    @Test
    void aNameIsComparedAsItIsSpelled() {
        JsonCursor cursor = at("{\"ab\" : 1, \"\\u0061\": 2, \"c\":3}");
        assertThat(cursor.enter()).isTrue();
        assertThat(cursor.isNamed(bytes("\"a\""))).isFalse();
        assertThat(cursor.isNamed(bytes("\"" + "long".repeat(20) + "\""))).isFalse();
        assertThat(cursor.isNamed(bytes("\"ab\""))).isTrue();
        assertThat(cursor.wholeOrNull()).isEqualTo(1);
        cursor.next();
        assertThat(cursor.isNamed(bytes("\"a\""))).isFalse();
        assertThat(cursor.skipName()).isTrue();
        assertThat(cursor.wholeOrNull()).isEqualTo(2);
        cursor.next();
        assertThat(cursor.skipName()).isFalse();
        assertThat(cursor.wholeOrNull()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-2.5e-7", "true", "null", "\"\"", "\"é\\n\\\\\"", "[]", "{\"a\":[{}]}"})
    void aSkippedValueIsPassedToItsEnd(String value) {
        JsonCursor cursor = at("[" + value + ",\"end\"]");
        assertThat(cursor.enter()).isTrue();
        cursor.skip();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.textOrNull()).isEqualTo("end");
        alone(value).skip(); // no byte behind it is read
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-0,0",
        "7,7",
        "-7,-7",
        "999999999999999999,999999999999999999",
        "-999999999999999999,-999999999999999999",
        "9999999999999999999,",
        "1000000000000000000,",
        "1.0,",
        "1e3,",
        "1E3,",
        "true,",
        "[],"
    })
    void wholeNumbersOfUpTo18DigitsAreRead(String json, Long whole) {
        for (JsonCursor cursor : both(json)) {
            assertThat(cursor.wholeOrNull()).isEqualTo(whole);
        }
    }

    /** Short fractions are read without rounding, longer ones as the JDK reads them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "1",
                "-1",
                "0.5",
                "-0.25",
                "123456789012345",
                "1234567890123456",
                "-1234567890123456",
                "12345678901234.5",
                "123456789012345.5",
                "0.00000000000001",
                "0.000000000000001",
                "9007199254740993",
                "3.141592653589793",
                "1e22",
                "1E-7",
                "-2.5e+3",
                "1.7976931348623157e308",
                "123456789012345678901234"
            })
    void fractionsAreTheNearestDoubles(String json) {
        for (JsonCursor cursor : both(json)) {
            assertThat(cursor.fractionOrNull()).isEqualTo(Double.parseDouble(json));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0", "-0.0", "0e0", "1e-400", "1e400", "0.33333333333333333333333333", "true", "\"1\""})
    void otherNumbersAreLeftToAnotherReader(String json) {
        for (JsonCursor cursor : both(json)) {
            assertThat(cursor.fractionOrNull()).isNull();
        }
    }

    @Test
    void textsAreReadWithAndWithoutEscapes() {
        String longer = "plain ".repeat(50);
        assertThat(at("\"\"").textOrNull()).isEmpty();
        assertThat(at("\"" + longer + "\"").textOrNull()).isEqualTo(longer);
        assertThat(alone("\"" + longer + "\"").textOrNull()).isEqualTo(longer);
        assertThat(at("\"é\\u00e9\\ud83d\\ude00\\\"€\"").textOrNull()).isEqualTo("éé😀\"€");
        assertThat(at("7").textOrNull()).isNull();
    }

    @Test
    void truthValuesAreRead() {
        assertThat(at("true").truthOrNull()).isTrue();
        assertThat(at("false").truthOrNull()).isFalse();
        assertThat(at("null").truthOrNull()).isNull();
    }

    @Test
    void bytesAreReadFromBase64OfTheStandardsForm() {
        for (int length = 0; length < 100; length++) {
            var bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) (i * 77);
            }
            String text = "\"" + Base64.getEncoder().encodeToString(bytes) + "\"";
            for (JsonCursor cursor : both(text)) {
                assertThat(cursor.base64OrNull()).isEqualTo(bytes);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"7", "\"a\"", "\"ab=\"", "\"a===\"", "\"a-__\"", "\"ab\\n=\"", "\"abc\\\"\"", "\"é\u20ac\""})
    void otherTextsAreNotBase64(String json) {
        for (JsonCursor cursor : both(json)) {
            assertThat(cursor.base64OrNull()).isNull();
        }
    }
}
