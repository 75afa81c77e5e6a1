package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which JSON is accepted in a header, and which is refused, right at each bound. */
class HeaderJsonTest {
    private static HeaderJson parse(String json) throws FrameException {
        return HeaderJson.parse(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static Object value(String json) throws FrameException {
        return Objects.requireNonNull(parse("{\"a\":" + json + "}").members().get("a"));
    }

    private static void assertBad(String json, String why) {
        assertThatThrownBy(() -> parse(json)).isInstanceOfSatisfying(FrameException.class, refused -> {
            assertThat(refused).hasMessage("the header " + why);
            assertThat(refused.code()).isEqualTo(ErrorCode.BAD_HEADER);
            assertThat(refused.boundaryKnown()).isFalse();
        });
    }

    @Test
    void everyKindOfValueIsRead() throws FrameException {
        assertThat(parse("{ } ").members()).isEmpty();
        assertThat(value("[]")).isEqualTo(List.of());
        assertThat(value("[ 1 , [ ] , { \"b\" : { } } ]"))
                .isEqualTo(List.of(new JsonNumber("1"), List.of(), Map.of("b", Map.of())));
        assertThat(value("true")).isEqualTo(true);
        assertThat(value("false")).isEqualTo(false);
        assertThat(value("null")).isEqualTo(JsonNull.NULL);
        assertThat(value("\"\"")).isEqualTo("");
    }

    @Test
    void membersAreInTheOrderOfTheWire() throws FrameException {
        assertThat(parse("{\"z\":1,\"a\":2,\"m\":3}").members().keySet()).containsExactly("z", "a", "m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "10", "-17", "0.0", "3.25", "1e5", "1E5", "1e+5", "1e-5", "-0.5E-17"})
    void aNumberIsKeptAsItIsWritten(String number) throws FrameException {
        assertThat(value(number)).isEqualTo(new JsonNumber(number));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-",
                "+1",
                "01",
                "-01",
                "1.",
                ".5",
                "1e",
                "1e+",
                "1e-",
                "0x1",
                "1a",
                "tru",
                "nul",
                "falsE",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\\u١٢٣٤\"",
                "\"\\v\"",
                "1 2",
                "[1 2]",
                "[1}",
                "{\"b\"}",
                "{\"b\" 1}",
                "{1:1}",
                "{\"b\":1]"
            })
    void whatIsNotJsonIsRefused(String value) {
        assertBad("{\"a\":" + value + "}", "is not JSON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"",
                "{\"a",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":[",
                "{\"a\":[1",
                "{\"a\":-",
                "{\"a\":\"\\",
                "{\"a\":\"\\u00",
                "{\"a\":1e"
            })
    void whatEndsTooEarlyIsRefused(String start) {
        assertThatThrownBy(() -> parse(start)).isInstanceOf(FrameException.class);
    }

    @Test
    void anythingBehindTheObjectIsRefused() {
        assertBad("{}{}", "goes on after its object");
        assertBad("{} ,", "goes on after its object");
    }

    @Test
    void everyEscapeIsUnderstood() throws FrameException {
        assertThat(value("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\u00E4\\ud83d\\udc36\""))
                .isEqualTo("\"\\/\b\f\n\r\tää🐶");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "\\udc36", "\\ud83dx", "\\ud83d\\ud83d", "\\udc36\\ud83d", "x\\udbff\\u0041"})
    void halfASurrogatePairIsRefusedInTextsAndNames(String text) {
        assertBad("{\"a\":\"" + text + "\"}", "has half a surrogate pair");
        assertBad("{\"" + text + "\":1}", "has half a surrogate pair");
    }

    @Test
    void controlCharactersMustBeEscaped() throws FrameException {
        for (char control = 0; control < 0x20; control++) {
            assertBad("{\"a\":\"" + control + "\"}", "has a control character in a string");
        }
        assertThat(value("\"\u007f\"")).isEqualTo("\u007f");
        assertThat(value(String.format("\"\\u%04x\"", 0))).isEqualTo("\0");
    }

    /** The bounds count the bytes of UTF-8 after unescaping: 1 to 4 for a character. */
    @Test
    void boundsCountBytesOfUtf8() throws FrameException {
        for (String each : List.of("x", "ä", "€", "🐶")) {
            int bytes = each.getBytes(StandardCharsets.UTF_8).length;
            String longest = each.repeat(1_024 / bytes);
            assertThat(value("\"" + longest + "x".repeat(1_024 % bytes) + "\"")).isInstanceOf(String.class);
            assertBad(
                    "{\"a\":\"" + longest + "x".repeat(1_024 % bytes + 1) + "\"}",
                    "has a string of more than 1024 bytes");
            assertBad(
                    "{\"" + each.repeat(64 / bytes) + "x".repeat(64 % bytes + 1) + "\":1}",
                    "has a name of more than 64 bytes");
        }
        assertThat(value("\"" + "\\u0078".repeat(1_024) + "\"")).isEqualTo("x".repeat(1_024));
    }

    @Test
    void onlyTheHeadersOwnAuthorizationMayBeLonger() throws FrameException {
        String longer = "\"authorization\":\"" + "x".repeat(1_025) + "\"";
        assertThat(parse("{" + longer + "}").members()).containsKey("authorization");
        assertBad("{\"a\":{" + longer + "}}", "has a string of more than 1024 bytes");
        assertBad("{\"authorization\":\"" + "x".repeat(4_097) + "\"}", "has a string of more than 4096 bytes");
        assertBad("{\"authorization\":[\"" + "x".repeat(1_025) + "\"]}", "has a string of more than 1024 bytes");
    }

    @Test
    void nestingIsBoundedForArraysAndObjectsAlike() throws FrameException {
        assertThat(value("[".repeat(7) + "]".repeat(7))).isInstanceOf(List.class);
        assertBad("{\"a\":" + "[".repeat(8) + "]".repeat(8) + "}", "is nested deeper than 8");
        assertThat(value("{\"a\":".repeat(6) + "{}" + "}".repeat(6))).isInstanceOf(Map.class);
        assertBad("{\"a\":".repeat(8) + "{}" + "}".repeat(8), "is nested deeper than 8");
    }

    @Test
    void noObjectHasMoreThan64Keys() throws FrameException {
        var keys = new StringBuilder("\"k0\":0");
        for (int i = 1; i < 64; i++) {
            keys.append(",\"k").append(i).append("\":").append(i);
        }
        assertThat(parse("{" + keys + "}").members()).hasSize(64);
        assertThat(value("{" + keys + "}")).isInstanceOf(Map.class);
        assertBad("{" + keys + ",\"one\":1}", "has more than 64 keys");
        assertBad("{\"a\":{" + keys + ",\"one\":1}}", "has more than 64 keys");
    }

    @Test
    void noKeyIsThereTwiceInOneObject() throws FrameException {
        assertBad("{\"a\":1,\"a\":1}", "has a key twice");
        assertBad("{\"a\":null,\"\\u0061\":null}", "has a key twice");
        assertThat(value("{\"a\":{\"a\":1}}")).isEqualTo(Map.of("a", Map.of("a", new JsonNumber("1"))));
    }

    /** The look-up by bytes depends on this. */
    @Test
    void theNumbersOfTheHeaderItselfAreFoundAndNoOthers() throws FrameException {
        String json = "{\"x\":{\"id\":1,\"content-length\":2},\"id\": 34 ,\"content-length\":56}";
        HeaderJson parsed = parse(json);
        assertThat(json.substring(parsed.idSpan().start(), parsed.idSpan().end()))
                .isEqualTo("34");
        assertThat(json.substring(
                        parsed.contentLengthSpan().start(),
                        parsed.contentLengthSpan().end()))
                .isEqualTo("56");
        assertThat(parse("{\"x\":{\"id\":1}}").idSpan().isThere()).isFalse();
        assertThat(parsed.isAscii()).isTrue();
        assertThat(parse("{\"x\":\"ä\"}").isAscii()).isFalse();
    }

    @Test
    void onlyContentLengthMayHaveALongNumber() throws FrameException {
        String longest = "1".repeat(32);
        assertThat(value(longest)).isEqualTo(new JsonNumber(longest));
        assertBad("{\"a\":" + longest + "1}", "has a number of more than 32 characters");
        assertThat(parse("{\"content-length\":" + longest + "1}").members()).hasSize(1);
        assertBad("{\"a\":{\"content-length\":" + longest + "1}}", "has a number of more than 32 characters");
    }
}
