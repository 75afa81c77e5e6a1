package dev.parley.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatObjectTest {
    private static @Nullable FlatObject parseOrNull(String json) {
        return FlatObject.parseOrNull(json.getBytes(StandardCharsets.UTF_8));
    }

    private static FlatObject parse(String json) {
        return Objects.requireNonNull(parseOrNull(json), json);
    }

    @Test
    void everyKindOfMemberIsRead() {
        FlatObject object = parse("{\"text\": \"a b\", \"number\": 120, \"yes\": true, \"no\": false, \"none\": null}");
        assertThat(object.text("text")).isEqualTo("a b");
        assertThat(object.number("number")).isEqualTo(120);
        assertThat(object.truthOrNull("yes")).isTrue();
        assertThat(object.truthOrNull("no")).isFalse();
        assertThat(object.has("none")).isTrue();
    }

    @Test
    void aMemberOfAnotherKindIsNotTakenForOne() {
        FlatObject object = parse("{\"text\": \"1\", \"number\": 1, \"yes\": true, \"none\": null}");
        for (String name : new String[] {"number", "yes", "none", "nobody"}) {
            assertThat(object.text(name)).isNull();
            assertThat(object.isText(name, "1")).isFalse();
        }
        for (String name : new String[] {"text", "yes", "none", "nobody"}) {
            assertThat(object.number(name)).isEqualTo(-1);
        }
        for (String name : new String[] {"text", "number", "none", "nobody"}) {
            assertThat(object.truthOrNull(name)).isNull();
        }
        assertThat(object.has("nobody")).isFalse();
    }

    @Test
    void aTextIsComparedWhole() {
        FlatObject object = parse("{\"a\": \"search\"}");
        assertThat(object.isText("a", "search")).isTrue();
        assertThat(object.isText("a", "searcH")).isFalse();
        assertThat(object.isText("a", "searc")).isFalse();
        assertThat(object.isText("a", "searches")).isFalse();
        assertThat(object.isText("A", "search")).isFalse();
    }

    @Test
    void aNumberHas18DigitsAtMost() {
        assertThat(parse("{\"n\": 0}").number("n")).isZero();
        assertThat(parse("{\"n\": 999999999999999999}").number("n")).isEqualTo(999_999_999_999_999_999L);
        assertThat(parse("{\"n\": 1000000000000000000}").number("n")).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{ }",
                " {} ",
                "\t\r\n {\t\r\n }\t\r\n ",
                "{\t\"a\"\r:\n1 , \"b\" : 2 }",
                "{\"\":\"\"}",
                "{\"a\":\"\u007f\"}"
            })
    void whiteSpaceIsFreeAndNamesMayBeEmpty(String json) {
        assertThat(parseOrNull(json)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "[]",
                "{",
                "{\"",
                "{\"a",
                "{\"a\"",
                "{\"a\":",
                "{\"a\": ",
                "{\"a\":1",
                "{\"a\":\"",
                "{\"a\":\"x",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{,}",
                "{\"a\" 1}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":1} x",
                "{\"a\":1]",
                "{\"a\":1 \"b\":2}"
            })
    void whatIsNoObjectIsForTheGeneralParser(String json) {
        assertThat(parseOrNull(json)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "01",
                "00",
                "1.5",
                "1e5",
                "{}",
                "[]",
                "tru",
                "truE",
                "fals",
                "nul",
                "nil",
                "x",
                "/",
                ":",
                "\"ä\"",
                "\"\\n\"",
                "\"\u0000\"",
                "\"\u001f\"",
                "\"\n\""
            })
    void whatIsNotPlainIsForTheGeneralParser(String value) {
        assertThat(parseOrNull("{\"a\":" + value + "}")).isNull();
        assertThat(parseOrNull("{\"a\":" + value)).isNull();
    }

    @Test
    void aNameIsThereOnce() {
        assertThat(parseOrNull("{\"a\":1,\"a\":2}")).isNull();
        assertThat(parseOrNull("{\"a\":1,\"b\":2,\"a\":3}")).isNull();
        assertThat(parseOrNull("{\"a\":1,\"aa\":2}")).isNotNull();
    }

    @Test
    void eightMembersAnd4096BytesAreTheMost() {
        String eight = "\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8";
        assertThat(parse("{" + eight + "}").number("h")).isEqualTo(8);
        assertThat(parseOrNull("{" + eight + ",\"i\":9}")).isNull();
        assertThat(parseOrNull("{}" + " ".repeat(4_094))).isNotNull();
        assertThat(parseOrNull("{}" + " ".repeat(4_095))).isNull();
    }

    /** A number may have as many digits as a scan accepts, so that the length of the content does not decide. */
    @Test
    void aNumberHasAtMostAThousandDigits() {
        assertThat(parseOrNull("{\"a\":" + "1".repeat(1_000) + "}")).isNotNull();
        assertThat(parseOrNull("{\"a\":" + "1".repeat(1_001) + "}")).isNull();
    }

    @Test
    void anArrayWithOtherBytesIsReadAnew() {
        byte[] json = "{\"a\": 1, \"b\": 2}".getBytes(StandardCharsets.UTF_8);
        FlatObject object = Objects.requireNonNull(FlatObject.parseOrNull(json));
        fill(json, "{\"c\":\"345678\"}  ");
        assertThat(object.isFlatNow()).isTrue();
        assertThat(object.has("a")).isFalse();
        assertThat(object.text("c")).isEqualTo("345678");
        fill(json, "{\"c\":[3,4,5,6]} ");
        assertThat(object.isFlatNow()).isFalse();
        assertThat(object.has("c")).isFalse();
    }

    private static void fill(byte[] array, String text) {
        System.arraycopy(text.getBytes(StandardCharsets.UTF_8), 0, array, 0, array.length);
    }
}
