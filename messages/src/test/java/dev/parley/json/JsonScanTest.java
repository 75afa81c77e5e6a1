package dev.parley.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.parley.json.JsonFault.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** Tests the scan against a general parser, which is the judge, and the words of its refusals. */
class JsonScanTest {
    private static final JsonFactory JUDGE = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int COUNT = Integer.getInteger("parley.json.texts", 150_000);

    private static JsonScan scan(byte[] json) throws JsonFault {
        return JsonScan.of(json, JsonScan.DEPTH_MAX, Integer.MAX_VALUE);
    }

    private static JsonFault faultOf(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return catchThrowableOfType(JsonFault.class, () -> scan(bytes));
    }

    private static boolean takes(byte[] json) {
        try {
            scan(json);
            return true;
        } catch (JsonFault refused) {
            return false;
        }
    }

    /** Returns whether the general parser takes it for one value. */
    private static boolean judged(byte[] json) {
        int values = 0;
        int depth = 0;
        try (JsonParser parser = JUDGE.createParser(ObjectReadContext.empty(), decoded(json))) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += depth == 0 ? 1 : 0;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            }
            return values == 1;
        } catch (CharacterCodingException | JacksonException refused) {
            return false;
        }
    }

    private static String decoded(byte[] json) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    }

    private static void assertSameJudgement(byte[] json, String what) {
        assertThat(takes(json))
                .as(
                        "%s: %s",
                        what,
                        new String(json, StandardCharsets.UTF_8) + " "
                                + HexFormat.of().formatHex(json))
                .isEqualTo(judged(json));
    }

    @Test
    void itTakesWhatAGeneralParserTakes() {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var texts = new JsonTexts(new Random(seed));
        int taken = 0;
        for (int i = 0; i < COUNT; i++) {
            byte[] json = texts.next();
            assertSameJudgement(json, "seed " + seed + ", text " + i);
            taken += takes(json) ? 1 : 0;
        }
        assertThat(taken).as("seed %d", seed).isBetween(COUNT / 5, COUNT * 4 / 5);
    }

    /** Long texts pass over many bytes at a time; what is wrong at each place of them must be seen. */
    @Test
    void itSeesEachBreakAtEachPlace() {
        String[] letters = {"a", "ä", "中", "😀", "\\n", "\\u00e4", "aä\\n中", "ab\\\\\\u00E9😀"};
        byte[] breaks = {
            '"', '\\', '\n', 0, 0x1f, (byte) 0x80, (byte) 0xff, (byte) 0xc0, (byte) 0xed, (byte) 0xe0, (byte) 0xf4
        };
        for (String letter : letters) {
            byte[] json = ("{\"k\":\"" + letter.repeat(70) + "\"}").getBytes(StandardCharsets.UTF_8);
            assertSameJudgement(json, letter);
            for (int at = 0; at < json.length; at++) {
                assertSameJudgement(Arrays.copyOf(json, at), letter + " cut at " + at);
                for (byte each : breaks) {
                    byte[] broken = json.clone();
                    broken[at] = each;
                    assertSameJudgement(broken, letter + " with " + each + " at " + at);
                }
            }
        }
    }

    /** The test tries each first and second byte, with further bytes that are at a border. */
    @Test
    void itKnowsUtf8() {
        int[] edges = {0x7f, 0x80, 0xbf, 0xc2};
        for (int lead = 0x80; lead < 0x100; lead++) {
            for (int second = 0; second < 0x100; second++) {
                assertSameUtf8(lead, second);
                for (int third : edges) {
                    assertSameUtf8(lead, second, third);
                    for (int fourth : edges) {
                        assertSameUtf8(lead, second, third, fourth);
                    }
                }
            }
        }
    }

    private static void assertSameUtf8(int... sequence) {
        for (int i = 1; i < sequence.length; i++) {
            if (sequence[i] == '"' || sequence[i] == '\\' || sequence[i] < 0x20) {
                return; // the end of the text, or an escape: not what is looked at here
            }
        }
        var bytes = new byte[sequence.length];
        for (int i = 0; i < sequence.length; i++) {
            bytes[i] = (byte) sequence[i];
        }
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertSameUtf8(("\"" + text + "aaaaaaaa\"").getBytes(StandardCharsets.ISO_8859_1));
        String before = "\u00c3\u00a4".repeat(30); // a letter beyond ASCII, in UTF-8, so that long blocks follow
        assertSameUtf8(("\"" + before + text + before + "\"").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void assertSameUtf8(byte[] json) {
        boolean isUtf8;
        try {
            decoded(json);
            isUtf8 = true;
        } catch (CharacterCodingException e) {
            isUtf8 = false;
        }
        if (takes(json) != isUtf8) {
            throw new AssertionError(HexFormat.of().formatHex(json) + (isUtf8 ? " is UTF-8" : " is not UTF-8"));
        }
    }

    @Test
    void itSaysWhereAMemberStands() throws JsonFault {
        String json =
                " { \"x\" : {\"action\": 1, \"value\": 2}, \"v\\u0061lue\" :  [1.50, \"\\u00e4\", {\"value\": 3}] ,"
                        + " \"action\":\"e\\u0063ho\\n\\ud83d\\ude00\\ud800\" } ";
        JsonScan scan = scan(json.getBytes(StandardCharsets.UTF_8));
        assertThat(scan.text("action")).isEqualTo("echo\n😀\ud800");
        assertThat(scan.text("value")).isNull();
        assertThat(new String(scan.bytes("value"), StandardCharsets.UTF_8))
                .isEqualTo("[1.50, \"\\u00e4\", {\"value\": 3}]");
        assertThat(scan.values()).isEqualTo(10);
        assertThat(scan("[{\"action\": \"a\"}]".getBytes(StandardCharsets.UTF_8))
                        .has("action"))
                .isFalse();
    }

    /** The test tries texts of every kind of character, each raw or escaped, and half pairs. */
    @Test
    void textsMeanWhatTheyMeanToAGeneralParser() throws JsonFault {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        int[] bounds = {0x20, 0x80, 0x800, 0xd800, 0xe000, 0x10000, 0x110000};
        for (int round = 0; round < 3_000; round++) {
            var json = new StringBuilder("{\"action\":\"");
            for (int left = random.nextInt(60); left > 0; left--) {
                int kind = random.nextInt(bounds.length - 1);
                int character = bounds[kind] + random.nextInt(bounds[kind + 1] - bounds[kind]);
                boolean isRaw = kind != 3 && character != '"' && character != '\\' && random.nextInt(3) > 0;
                for (char unit : Character.toChars(character)) {
                    json.append(
                            isRaw
                                    ? "" + unit
                                    : String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) unit));
                }
            }
            String text = json.append("\"}").toString();
            String as = "seed " + seed + ", round " + round + ": " + text;
            JsonScan scan = scan(text.getBytes(StandardCharsets.UTF_8));
            try (JsonParser parser = JUDGE.createParser(ObjectReadContext.empty(), text)) {
                parser.nextToken();
                parser.nextToken();
                parser.nextToken();
                assertThat(scan.text("action")).as(as).isEqualTo(parser.getString());
            }
        }
    }

    private static JsonCursor cursor(JsonScan scan, String name) {
        return Objects.requireNonNull(scan.cursorOrNull(name));
    }

    /** Only so many members of a large object are kept; the others are searched for. */
    @Test
    void eachOfManyMembersIsFound() throws JsonFault {
        var json = new StringBuilder("{");
        for (int i = 0; i < 200; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("\"m\\u00e4")
                    .append(i)
                    .append("\":")
                    .append(i);
        }
        JsonScan scan = scan(json.append(",\"mä\":true}").toString().getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 200; i++) {
            assertThat(cursor(scan, "mä" + i).wholeOrNull()).isEqualTo(i);
        }
        assertThat(cursor(scan, "mä").truthOrNull()).isTrue();
        assertThat(scan.bytes("mä199")).asString().isEqualTo("199");
        assertThat(scan.text("mä199")).isNull();
        assertThat(scan.joined(new byte[0], "mä150", new byte[0]).together())
                .asString()
                .isEqualTo("150");
        assertThat(scan.has("mä200")).isFalse();
        assertThat(scan.has("m\\u00e4199")).isFalse();
        assertThat(scan.has("m0\":0,\"m1")).isFalse();
        assertThat(scan.has("m")).isFalse();
    }

    /** Objects of a list mostly have the names of the one before; each that has one twice must be seen all the same. */
    @Test
    void objectsOfAListAreJudgedAsByAGeneralParser() {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        int taken = 0;
        for (int round = 0; round < 20_000; round++) {
            var json = new StringBuilder("[");
            for (int i = 0; i < 5; i++) {
                json.append(i == 0 ? "" : ",");
                appendObject(json, random, 2);
            }
            byte[] bytes = json.append("]").toString().getBytes(StandardCharsets.UTF_8);
            assertSameJudgement(bytes, "seed " + seed + ", round " + round);
            taken += takes(bytes) ? 1 : 0;
        }
        assertThat(taken).as("seed %d", seed).isBetween(2_000, 18_000);
    }

    private static void appendObject(StringBuilder json, Random random, int depth) {
        String[] names = {"a", "b", "c", "name", "names", "\\u0061", "longer name", "longer nama"};
        json.append('{');
        int first = random.nextInt(3);
        for (int i = 0; i < random.nextInt(5); i++) {
            int next = random.nextInt(12) == 0 ? random.nextInt(names.length) : first + i;
            json.append(i == 0 ? "\"" : ",\"")
                    .append(names[next % names.length])
                    .append("\":");
            if (depth > 0 && random.nextInt(3) == 0) {
                appendObject(json, random, depth - 1);
            } else {
                json.append(i);
            }
        }
        json.append('}');
    }

    /** There are so many names, at two levels in turn, that the table grows and gives places back. */
    @Test
    void itFindsANameThatComesTwiceAmongThousands() {
        var json = new StringBuilder("{");
        for (int i = 0; i < 3_000; i++) {
            json.append("\"name").append(i).append("\":{");
            for (int j = 0; j < i % 40; j++) {
                json.append(j == 0 ? "" : ",").append("\"name").append(j).append("\":1");
            }
            json.append("},");
        }
        for (int twice : new int[] {0, 11, 12, 13, 1_500, 2_999}) {
            assertThat(faultOf(json + "\"other\":1}")).isNull();
            assertThat(faultOf(json + "\"name" + twice + "\":1}"))
                    .hasMessageStartingWith("an object has the same name twice, at byte ");
            assertThat(faultOf(json + "\"n\\u0061me" + twice + "\":1}"))
                    .hasMessageStartingWith("an object has the same name twice");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[NaN]|JSON has no NaN and no Infinity, at byte 2",
                "[-Infinity]|JSON has no NaN and no Infinity, at byte 3",
                "{\"a\": True}|true, false and null are written in lower case, at byte 7",
                "{'a': 1}|a name must be in double quotes, at byte 2",
                "{\"a\": 'b'}|a string must be in double quotes, at byte 7",
                "{\"a\": 1,}|there is a comma before the end of an object, at byte 9",
                "[1,]|there is a comma before the end of an array, at byte 4",
                "[1 2]|a comma or the end of an array is missing, at byte 4",
                "{\"a\": 1 \"b\": 2}|a comma or the end of an object is missing, at byte 9",
                "{\"a\" 1}|a colon is missing after a name, at byte 6",
                "{\"a\": }|a value is missing, at byte 7",
                "[01]|a number must not start with a zero, at byte 2",
                "[+1]|a number must start with a digit or a minus sign, at byte 2",
                "[.5]|a number must start with a digit or a minus sign, at byte 2",
                "[1.]|a digit is missing in a number, at byte 4",
                "[1e]|a digit is missing in a number, at byte 4",
                "[-]|a digit is missing in a number, at byte 3",
                "[1] // one|something follows after the value, at byte 5",
                "[ /* one */ 1]|JSON has no comments, at byte 3",
                "{} {}|something follows after the value, at byte 4",
                "{\"a\": 1, \"a\": 2}|an object has the same name twice, at byte 10",
                "{\"\\ud800\": 1}|a name has half a surrogate pair, at byte 2",
                "\"\\x\"|a backslash is before a character that JSON does not escape, at byte 2",
                "\"\\u12g4\"|four hexadecimal digits must follow \\u, at byte 2",
                "{\"a\": \"b|it ends inside a string, at byte 9",
                "{\"a\": [1|it ends before the value does, at byte 9",
                "\ufeff{}|it starts with a byte-order mark, which JSON in UTF-8 does not have, at byte 1"
            })
    void itNamesTheReasonAndThePlace(String json, String expected) {
        assertThat(faultOf(json)).hasMessage(expected);
    }

    @Test
    void itNamesLinesWhereThereAreSome() {
        assertThat(faultOf("{\n  \"ä\": 1,\n  \"b\": 'c'\n}"))
                .hasMessage("a string must be in double quotes, at byte 21, line 3, column 8");
        assertThat(faultOf("\"a\nb\""))
                .hasMessage(
                        "a string has the control character U+000A, which must be escaped, at byte 3, line 1, column 3");
    }

    @Test
    void itKeepsToItsLimits() {
        assertThat(faultOf("[".repeat(500) + "]".repeat(500))).isNull();
        assertThat(faultOf("[".repeat(501) + "]".repeat(501)))
                .hasMessage("is nested deeper than 500 levels, at byte 501")
                .returns(Kind.BEYOND_LIMIT, JsonFault::kind);
        assertThat(faultOf("1".repeat(1_000))).isNull();
        assertThat(faultOf("[" + "1".repeat(1_001) + "]")).hasMessage("a number has more than 1000 digits, at byte 2");
        assertThat(faultOf("{\"" + "n".repeat(50_000) + "\": 1}")).isNull();
        assertThat(faultOf("{\"" + "n".repeat(50_001) + "\": 1}"))
                .hasMessage("a name has more than 50000 bytes, at byte 2");
        byte[] three = "[1, 2]".getBytes(StandardCharsets.UTF_8);
        assertThat(catchThrowableOfType(JsonFault.class, () -> JsonScan.of(three, 500, 3)))
                .isNull();
        assertThat(catchThrowableOfType(JsonFault.class, () -> JsonScan.of(three, 500, 2)))
                .hasMessage("has more than 2 values, at byte 5");
        assertThat(faultOf(" \n")).returns(Kind.EMPTY, JsonFault::kind);
    }

    @Test
    void itFindsNoMemberOfWhatIsNoObject() throws JsonFault {
        for (String json : new String[] {"[1]", "7", "{}"}) {
            JsonScan scan = scan(json.getBytes(StandardCharsets.UTF_8));
            assertThat(scan.has("a")).isFalse();
            assertThat(scan.text("a")).isNull();
            assertThat(scan.cursorOrNull("a")).isNull();
        }
        JsonScan scan = scan("{\"a\": 7, \"b\": \"x\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(scan.has("a")).isTrue();
        assertThat(scan.text("a")).isNull();
        assertThat(scan.text("b")).isEqualTo("x");
    }

    /** The array of a short content is used again for the next one; that of a long content is not. */
    @ParameterizedTest
    @CsvSource({"100,false", "5000,true"})
    void aValueIsHandedOnWithOtherBytesAroundIt(int length, boolean isKept) throws JsonFault {
        byte[] json = ("{\"v\": \"" + "x".repeat(length) + "\"}").getBytes(StandardCharsets.UTF_8);
        byte[] before = {'<'};
        byte[] after = {'>'};
        JoinedBytes joined = scan(json).joined(before, "v", after);
        assertThat(new String(joined.together(), StandardCharsets.UTF_8)).isEqualTo("<\"" + "x".repeat(length) + "\">");
        Arrays.fill(json, (byte) 0);
        var later = new byte[joined.length()];
        joined.copy(later, 0);
        assertThat(later[2] == 0).isEqualTo(isKept);
    }
}
