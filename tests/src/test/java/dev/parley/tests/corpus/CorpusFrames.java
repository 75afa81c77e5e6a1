package dev.parley.tests.corpus;

import static dev.parley.tests.corpus.CorpusCase.ascii;
import static dev.parley.tests.corpus.CorpusCase.closed;
import static dev.parley.tests.corpus.CorpusCase.cutOff;
import static dev.parley.tests.corpus.CorpusCase.fatal;
import static dev.parley.tests.corpus.CorpusCase.frame;
import static dev.parley.tests.corpus.CorpusCase.hex;
import static dev.parley.tests.corpus.CorpusCase.http;
import static dev.parley.tests.corpus.CorpusCase.joined;
import static dev.parley.tests.corpus.CorpusCase.ok;
import static dev.parley.tests.corpus.CorpusCase.refused;
import static dev.parley.tests.corpus.CorpusCase.utf8;

import dev.parley.tests.corpus.CorpusCase.Sent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Cases with the length prefix, other protocols, and the header as JSON. */
final class CorpusFrames {
    private static final Sent BASE = Sent.base();
    private static final byte[] VALID = BASE.bytes();
    private static final String BAD_HEADER = "bad-header";

    private CorpusFrames() {}

    static List<CorpusCase> all() {
        var all = new ArrayList<CorpusCase>();
        lengths(all);
        streams(all);
        otherProtocols(all);
        wholeHeaders(all);
        syntax(all);
        characters(all);
        escapes(all);
        keys(all);
        sizes(all);
        nesting(all);
        numbers(all);
        return all;
    }

    // 5.1

    private static void lengths(List<CorpusCase> all) {
        all.add(fatal("4 length 0", "bad-frame", hex("0000")));
        all.add(fatal("length 0 in a header's clothes", "bad-frame", frame(0, ascii("{}"), new byte[0])));
        all.add(fatal("5 length 1", "bad-frame", hex("00017b")));
        all.add(fatal("5 length 1, and no third byte", "bad-frame", hex("0001")));
        all.add(fatal("length 1 before another protocol", "bad-frame", hex("000147")));
        all.add(fatal("6 an empty object", "missing-field", hex("00027b7d")));
        all.add(fatal("length 2, no object", BAD_HEADER, hex("00027b20")));
        all.add(fatal("length 2, two opening braces", BAD_HEADER, hex("00027b7b")));
        all.add(fatal("7 the longest length, and a brace", "header-too-large", hex("ffff7b")));
        all.add(ok("8 a header of 65,535 bytes", longHeader(65_535), "ok 1: other 2")
                .wideHeaders());
        all.add(fatal("9 length 8,193", "header-too-large", hex("20017b")));
        all.add(fatal("9 a valid header of 8,193 bytes", "header-too-large", longHeader(8_193)));
        all.add(ok("10 a valid header of 8,192 bytes", longHeader(8_192), "ok 1: other 2"));
        all.add(fatal("11 length 1 too small", BAD_HEADER, withLength(-1)));
        all.add(fatal("length 1 too large takes a byte of the content", BAD_HEADER, withLength(+1)));
        all.add(fatal("15 a little-endian length", "header-too-large", joined(hex("7a007b"), VALID)));
        all.add(fatal("21 100,000 zero bytes", "bad-frame", new byte[100_000]));
        all.add(closed("2,000 bytes of 0xff", filled(2_000, 0xff)));
    }

    private static void streams(List<CorpusCase> all) {
        byte[] header = Arrays.copyOf(VALID, VALID.length - 2);
        all.add(cutOff("3 half a length", hex("00")));
        all.add(cutOff("a whole length", hex("0079")));
        all.add(cutOff("13 the end inside the header", Arrays.copyOf(VALID, 50)));
        all.add(cutOff("13 the end before the header's last byte", Arrays.copyOf(header, header.length - 1)));
        all.add(cutOff("the end before the content", header));
        all.add(cutOff("the end inside the content", Arrays.copyOf(VALID, VALID.length - 1)));
        all.add(cutOff("the end after one message and a byte", joined(VALID, hex("00")), "ok 1: other 2"));
        all.add(cutOff("19 the end after a message", VALID, "ok 1: other 2"));
        all.add(cutOff("the end at once", new byte[0]));
        byte[] refusal = BASE.with("byteorder", "1").content("x".repeat(50)).bytes();
        all.add(cutOff(
                "the end inside the content of a refusal", Arrays.copyOf(refusal, refusal.length - 1), "bad-field 1"));
        all.add(fatal("a message, then length 0", "bad-frame", joined(VALID, hex("0000")))
                .after("ok 1: other 2"));
        all.add(fatal("a refusal, then length 0", "bad-frame", joined(refusal, hex("0000")))
                .after("bad-field 1"));
    }

    /** Returns a valid header, with as many strings of 1,024 bytes as it takes. */
    private static byte[] longHeader(int length) {
        int left = length - BASE.with("x", "[\"\"]").header().length();
        String fill = IntStream.iterate(left, rest -> rest > 0, rest -> rest - 1_027)
                .mapToObj(rest -> "x".repeat(Math.min(rest, 1_024)))
                .collect(Collectors.joining("\",\""));
        Sent sent = BASE.with("x", "[\"" + fill + "\"]");
        if (sent.header().length() != length) {
            throw new IllegalStateException("filled to " + sent.header().length() + ", not " + length);
        }
        return sent.bytes();
    }

    private static byte[] withLength(int more) {
        byte[] changed = VALID.clone();
        changed[1] += (byte) more;
        return changed;
    }

    private static byte[] filled(int count, int value) {
        var bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    // 5.2

    private static void otherProtocols(List<CorpusCase> all) {
        all.add(http("24 HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
        for (String method : List.of("POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH")) {
            all.add(http("24 HTTP " + method, method + " /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"));
        }
        all.add(http("three bytes of HTTP", "GET"));
        all.add(http(
                "36 a WebSocket upgrade",
                "GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"));
        Stream.of("TRACE / HTTP/1.1\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\n\r\n", "get / http/1.1\r\n\r\n")
                .forEach(request -> all.add(closed("HTTP without a page: " + request.substring(0, 5), ascii(request))));
        all.add(closed("HTTP as a server", ascii("HTTP/1.1 200 OK\r\n\r\n")));
        all.add(closed("26 HTTP/2", ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")));
        all.add(closed("27 TLS 1.2", hex("1603030200010001fc0303" + "00".repeat(32))));
        all.add(closed("27 TLS 1.3", hex("1603010200010001fc0303" + "11".repeat(32))));
        all.add(closed("29 SSH", ascii("SSH-2.0-x\r\n")));
        all.add(closed("30 PROXY version 1", ascii("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n")));
        all.add(closed("31 PROXY version 2", hex("0d0a0d0a000d0a515549540a21110000")));
        for (String three : List.of("160301", "535348", "50524f", "0d0a0d", "2a310d", "efbbbf", "ffffff")) {
            all.add(closed("no more than three bytes: " + three, hex(three)));
        }
        all.add(closed("35 Redis", ascii("*1\r\n$4\r\nPING\r\n")));
        all.add(closed("35 NATS", ascii("CONNECT {}\r\n")));
        all.add(closed("35 INFO", ascii("INFO")));
        all.add(closed("SMTP", ascii("EHLO x\r\n")));
        all.add(closed("MQTT", hex("101000044d5154540402003c0004")));
        all.add(fatal("PostgreSQL, whose first two bytes are length 0", "bad-frame", hex("0000000804d2162f")));
        all.add(closed("38 a byte-order mark instead of a length", joined(hex("efbbbf"), ascii(BASE.header()))));
        all.add(closed("38 a byte-order mark before the header", frame("\ufeff" + BASE.header())));
        Stream.of(" ", "\n", "\t", "\r\n")
                .forEach(space -> all.add(closed("39 space first: " + hexOf(space), frame(space + "{}"))));
        all.add(closed("the header without its length", ascii(BASE.header())));
        all.add(fatal("a message, then another protocol", "bad-frame", joined(VALID, ascii("SSH-2.0-x\r\n")))
                .after("ok 1: other 2"));
    }

    // 5.3

    private static void wholeHeaders(List<CorpusCase> all) {
        for (String header : List.of("[]", "\"x\"", "10", "null", "true", "-1", "[{}]")) {
            all.add(closed("40 the header is " + header, frame(header)));
        }
        for (String tail : List.of("x", "{}", "}", ",", "\u0000", "\ufeff", "/* */", "null")) {
            all.add(bad("after the object: " + hexOf(tail), BASE.header() + tail));
        }
        String valid = BASE.header();
        for (int length : List.of(2, 5, 12, 13, 14, 21, 22, valid.length() - 1)) {
            all.add(bad("the header stops after " + length + " characters", valid.substring(0, length)));
        }
        for (String space : List.of(" ", "\t", "\r\n", " \n\t\r ".repeat(20))) {
            all.add(ok("46 trailing space: " + hexOf(space), frame(valid + space), "ok 1: other 2"));
            String spaced = valid.replaceAll("([{},:])", space + "$1" + space).stripLeading();
            all.add(ok("space between all tokens: " + hexOf(space), frame(spaced), "ok 1: other 2"));
        }
        for (String space : List.of("\u000b", "\f", "\u00a0", "\u2028", "\u0085", "\ufeff", "\u0000", "\u001f")) {
            all.add(bad("no JSON space: " + hexOf(space), valid.replaceFirst(",", "," + space)));
        }
    }

    private static CorpusCase bad(String name, String header) {
        return fatal(name, BAD_HEADER, frame(header));
    }

    private static String hexOf(String text) {
        return text.chars().mapToObj(Integer::toHexString).collect(Collectors.joining(" "));
    }

    private static void syntax(List<CorpusCase> all) {
        String valid = BASE.header();
        all.add(bad("44 trailing comma", valid.replace("}", ",}")));
        all.add(bad("44 missing comma", valid.replace(",\"id\"", " \"id\"")));
        all.add(bad("44 single quotes", valid.replace("\"id\"", "'id'")));
        all.add(bad("44 unquoted key", valid.replace("\"id\"", "id")));
        all.add(bad("44 comment", valid.replace(",\"id\"", "/* here */,\"id\"")));
        all.add(bad("44 comment to the end of the line", valid.replace(",\"id\"", "//\n,\"id\"")));
        for (String value : List.of(
                "NaN",
                "Infinity",
                "-Infinity",
                "0x10",
                "undefined",
                "True",
                "NULL",
                "nul",
                "truefalse",
                "nullx",
                "",
                "\"x",
                "x\"",
                "'x'",
                "\"x\" \"y\"",
                "[1,]",
                "[,1]",
                "[1 2]",
                "[1}",
                "{\"a\":1]",
                "{\"a\"}",
                "{\"a\":}",
                "{,}",
                "{1:2}",
                "{null:1}",
                "[",
                "]",
                "(1)",
                "\\u0031")) {
            all.add(unknown("44 the value " + value, value, BAD_HEADER));
        }
        for (String value : List.of("null", "true", "false", "[]", "{}", "[null,[1],{\"a\":\"b\"}]", "\"\"")) {
            all.add(ok("an unknown key with " + value, BASE.with("x", value)));
        }
        all.add(bad("two commas", valid.replace(",\"id\"", ",,\"id\"")));
        all.add(bad("a comma first", valid.replace("{", "{,")));
        all.add(bad("two colons", valid.replace("\"id\":", "\"id\"::")));
        all.add(bad("an equals sign", valid.replace("\"id\":", "\"id\"=")));
    }

    private static CorpusCase unknown(String name, String value, String code) {
        return fatal(name, code, BASE.with("x", value));
    }

    private static void characters(List<CorpusCase> all) {
        for (String raw : List.of("\u0000", "\t", "\u0001", "\u001f", "\n", "\r")) {
            all.add(unknown("47 raw in a string: " + hexOf(raw), "\"a" + raw + "b\"", BAD_HEADER));
            all.add(fatal("47 raw in a name: " + hexOf(raw), BAD_HEADER, BASE.with("a" + raw, "1")));
        }
        for (String raw : List.of("\u007f", "\u0080", "\u2028", "\uffff", "\ud83d\udc30", "\udbff\udfff")) {
            all.add(ok("any other character in a string: " + hexOf(raw), BASE.with("x", '"' + raw + '"')));
        }
        for (String invalid : List.of(
                "80",
                "c0af",
                "eda080",
                "edb080",
                "eda0bdedb090",
                "f4908080",
                "f5808080",
                "fe",
                "ff",
                "c3",
                "e282",
                "f09f90",
                "c080",
                "e080af",
                "f08080af",
                "c328",
                "e28228",
                "fc8080808080")) {
            all.add(fatal("48 no UTF-8: " + invalid, BAD_HEADER, BASE.bytesWith("x", hex(invalid))));
            all.add(fatal("48 no UTF-8 in content-type: " + invalid, BAD_HEADER, inType(invalid)));
        }
        byte[] cut = joined(utf8(BASE.header()), hex("c3"));
        all.add(fatal("48 a sequence cut by the header's end", BAD_HEADER, frame(cut.length, cut, ascii("{}"))));
        byte[] utf16 = BASE.header().getBytes(StandardCharsets.UTF_16LE);
        all.add(fatal("a header in UTF-16", BAD_HEADER, frame(utf16.length, utf16, ascii("{}"))));
    }

    private static byte[] inType(String invalid) {
        return BASE.bytesWith("content-type", hex(invalid));
    }

    private static void escapes(List<CorpusCase> all) {
        for (String escape : List.of("\\b\\f\\n\\r\\t\\\"\\\\\\/", "\\u0041", "\\ud83d\\udc30", "\\uFFfF", "\\u0000")) {
            all.add(ok("an escape: " + escape, BASE.with("x", '"' + escape + '"')));
        }
        for (String escape : List.of(
                "\\ud800",
                "\\udc00",
                "\\ud800\\ud800",
                "\\udc00\\ud800",
                "\\ud83dx",
                "x\\udc30",
                "\\ud83d\\n",
                "\\ud83d\\ud83d\\udc30")) {
            all.add(unknown("half a surrogate pair: " + escape, '"' + escape + '"', BAD_HEADER));
        }
        all.add(fatal("half a surrogate pair in a name", BAD_HEADER, BASE.with("\\ud800", "1")));
        for (String escape : List.of(
                "\\x41", "\\u12", "\\u12G4", "\\u-123", "\\u+041", "\\u 041", "\\'", "\\0", "\\a", "\\U0041", "\\",
                "\\\n")) {
            all.add(unknown("no escape: " + hexOf(escape), '"' + escape + '"', BAD_HEADER));
        }
        all.add(unknown("an escape in full-width digits", "\"\\u\uff10\uff10\uff14\uff11\"", BAD_HEADER));
        all.add(unknown("an escape in Arabic digits", "\"\\u\u0660\u0660\u0664\u0661\"", BAD_HEADER));
        all.add(refused("50 \\u0000 in content-type", "bad-field", BASE.with("content-type", "\"text/\\u0000\"")));
        all.add(ok("a key of ours in escapes", BASE.without("id").with("\\u0069d", "1")));
        all.add(ok("a value of ours in escapes", BASE.with("byteorder", "\"\\u006cittle\"")));
    }

    private static void keys(List<CorpusCase> all) {
        all.add(fatal("51 content-length twice, the same", BAD_HEADER, BASE.again("content-length", "2")));
        all.add(fatal("52 content-length twice, another", BAD_HEADER, BASE.again("content-length", "3")));
        all.add(fatal("id twice", BAD_HEADER, BASE.again("id", "1")));
        all.add(fatal("byteorder twice", BAD_HEADER, BASE.again("byteorder", "\"big\"")));
        all.add(fatal("54 an unknown key twice", BAD_HEADER, BASE.with("x", "1").again("x", "1")));
        all.add(fatal(
                "a key twice, first null", BAD_HEADER, BASE.with("x", "null").again("x", "1")));
        all.add(unknown("54 twice inside a nested object", "{\"a\":1,\"b\":2,\"a\":3}", BAD_HEADER));
        all.add(unknown("twice in an object of an array", "[{\"a\":1,\"a\":1}]", BAD_HEADER));
        all.add(fatal("twice after unescaping", BAD_HEADER, BASE.with("\\u0069d", "1")));
        all.add(unknown("twice after unescaping, nested", "{\"a\":1,\"\\u0061\":1}", BAD_HEADER));
        all.add(ok("names that differ in case", BASE.with("ID", "0").with("Content-Length", "9")));
        all.add(ok("one name on two levels", BASE.with("x", "{\"x\":{\"id\":0,\"content-length\":-1}}")));
        for (String key : List.of("__proto__", "constructor", "@type", "$type", "class", "")) {
            all.add(ok("58 the key '" + key + "'", BASE.with(key, "\"java.lang.Runtime\"")));
            all.add(ok("58 the key '" + key + "', an object", BASE.with(key, "{\"a\":[1]}")));
        }
    }

    private static void sizes(List<CorpusCase> all) {
        all.add(ok("64 keys", withKeys(64)));
        all.add(fatal("55 65 keys", BAD_HEADER, withKeys(65)));
        all.add(unknown("65 keys in a nested object", "{" + keys(65, i -> "k" + i) + "}", BAD_HEADER));
        String letters = "{" + keys(1_000, i -> String.valueOf((char) (0x100 + i))) + "}";
        all.add(bad("55 8 KiB of one-letter keys", letters));
        all.add(bad("55 2,000 keys of one hash", "{" + keys(2_000, CorpusFrames::colliding) + "}")
                .wideHeaders());
        all.add(ok("a name of 64 bytes", BASE.with("n".repeat(64), "1")));
        all.add(fatal("a name of 65 bytes", BAD_HEADER, BASE.with("n".repeat(65), "1")));
        all.add(ok("a name of 64 bytes in 32 characters", BASE.with("é".repeat(32), "1")));
        all.add(fatal("a name of 66 bytes in 22 characters", BAD_HEADER, BASE.with("€".repeat(22), "1")));
        all.add(ok("a name of 64 escapes", BASE.with("\\u0041".repeat(64), "1")));
        all.add(unknown("a nested name of 65 bytes", "{\"" + "n".repeat(65) + "\":1}", BAD_HEADER));
        all.add(ok("a string of 1,024 bytes", BASE.with("x", string(1_024))));
        all.add(unknown("a string of 1,025 bytes", string(1_025), BAD_HEADER));
        all.add(unknown("a string of 1,026 bytes in 513 characters", '"' + "é".repeat(513) + '"', BAD_HEADER));
        all.add(ok("a string of 1,024 escapes", BASE.with("x", '"' + "\\u0041".repeat(1_024) + '"')));
        all.add(ok("a string of 256 pairs", BASE.with("x", '"' + "\ud83d\udc30".repeat(256) + '"')));
        all.add(unknown("a string of 1,025 bytes in an array", "[" + string(1_025) + "]", BAD_HEADER));
        all.add(ok("authorization of 4,096 bytes", BASE.with("authorization", string(4_096))));
        all.add(fatal("authorization of 4,097 bytes", BAD_HEADER, BASE.with("authorization", string(4_097))));
        all.add(unknown("a nested authorization of 1,025 bytes", nested("authorization", string(1_025)), BAD_HEADER));
    }

    static String string(int bytes) {
        return '"' + "s".repeat(bytes) + '"';
    }

    private static String nested(String key, String value) {
        return "{\"" + key + "\":" + value + "}";
    }

    private static Sent withKeys(int count) {
        Sent sent = BASE;
        while (sent.keys() < count) {
            sent = sent.with("k" + sent.keys(), "0");
        }
        return sent;
    }

    private static String keys(int count, IntFunction<String> name) {
        return IntStream.range(0, count)
                .mapToObj(i -> '"' + name.apply(i) + "\":0")
                .collect(Collectors.joining(","));
    }

    /** Returns a name. All names for an i below 2,048 have the same String.hashCode. */
    static String colliding(int i) {
        var name = new StringBuilder();
        for (int bit = 0; bit < 11; bit++) {
            name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return name.toString();
    }

    private static void nesting(List<CorpusCase> all) {
        all.add(ok("depth 8 of arrays", BASE.with("x", "[".repeat(7) + "]".repeat(7))));
        all.add(unknown("depth 9 of arrays", "[".repeat(8) + "]".repeat(8), BAD_HEADER));
        all.add(ok("depth 8 of objects", BASE.with("x", "{\"a\":".repeat(7) + "1" + "}".repeat(7))));
        all.add(unknown("depth 9 of objects", "{\"a\":".repeat(8) + "1" + "}".repeat(8), BAD_HEADER));
        all.add(unknown("41 1,000 nested objects", "{\"a\":".repeat(1_000) + "1" + "}".repeat(1_000), BAD_HEADER));
        all.add(unknown("42 4,000 opening brackets", "[".repeat(4_000), BAD_HEADER));
        for (int depth : List.of(10_000, 32_000)) {
            String deep = "[".repeat(depth) + "]".repeat(depth);
            all.add(unknown("43 nested " + depth + " deep", deep, BAD_HEADER).wideHeaders());
        }
        all.add(ok("many arrays side by side", BASE.with("x", "[" + "[],".repeat(2_000) + "[]]")));
    }

    private static void numbers(List<CorpusCase> all) {
        all.add(unknown("57 8,000 digits", "1".repeat(8_000), BAD_HEADER));
        all.add(unknown("33 characters of a number", "1".repeat(33), BAD_HEADER));
        all.add(unknown("33 characters of a fraction", "-0." + "1".repeat(30), BAD_HEADER));
        all.add(unknown("33 digits in an array", "[" + "1".repeat(33) + "]", BAD_HEADER));
        all.add(unknown("33 digits of a nested content-length", nested("content-length", "1".repeat(33)), BAD_HEADER));
        for (String number : List.of(
                "1e999999999", "-0", "1E400", "0", "-1.5", "1e5", "1E+5", "1e-5", "0.0", "0e0", "1".repeat(32))) {
            Sent asked = BASE.with("action", "\"x\"").with("x", number);
            all.add(ok("57 kept as text: " + number, asked.bytes(), "ok 1: x is " + number));
        }
        for (String number : List.of(
                "+1", "01", "-01", "00", "-", "--1", ".5", "5.", "1.e5", "1e", "1e+", "1e5.5", "1_000", "1,5", "0b1",
                "1f", "1L", "\u0661", "\uff11", "1 2", "- 1")) {
            all.add(unknown("no number: " + number, number, BAD_HEADER));
        }
    }
}
