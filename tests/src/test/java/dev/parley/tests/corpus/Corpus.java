package dev.parley.tests.corpus;

import static dev.parley.tests.corpus.Case.BASE;
import static dev.parley.tests.corpus.Case.frame;
import static dev.parley.tests.corpus.Case.request;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The cases, in the groups of the promises: length, other protocols, header syntax, header fields, content. */
final class Corpus {
    private static final String ID = ",\"action\":\"show\",\"id\":77";
    private static final String GOOD = Case.GOOD_CONTENT;

    private final List<Case> cases = new ArrayList<>();

    private Corpus() {}

    static List<Case> all() {
        var corpus = new Corpus();
        corpus.lengths();
        corpus.otherProtocols();
        corpus.syntax();
        corpus.bytesOfTheHeader();
        corpus.bounds();
        corpus.requiredFields();
        corpus.numbers();
        corpus.optionalFields();
        corpus.contents();
        return corpus.cases;
    }

    // How cases are written.

    private void ok(String name, byte[] bytes) {
        cases.add(new Case(name, bytes, "OK", "", 77));
    }

    private void refused(String name, String code, byte[] bytes) {
        cases.add(new Case(name, bytes, "E", code, 77));
    }

    private void fatal(String name, String code, byte[] bytes) {
        cases.add(new Case(name, bytes, "X", code, 0));
    }

    private void closed(String name, byte[] bytes) {
        cases.add(new Case(name, bytes, "C", "", 0));
    }

    private static byte[] raw(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A header that is one string, whatever it says. */
    private static byte[] header(String header) {
        return frame(header, GOOD);
    }

    /** A good header with one more member. */
    private static byte[] with(String member) {
        return request(ID + "," + member, GOOD);
    }

    /** A header whose four required fields are these; each a whole member or empty. */
    private static byte[] fields(String byteOrder, String type, String encoding, String length) {
        var members = new ArrayList<String>();
        for (String member : List.of(byteOrder, type, encoding, length)) {
            if (!member.isEmpty()) {
                members.add(member);
            }
        }
        return frame("{" + String.join(",", members) + ID + "}", GOOD);
    }

    private static final String ORDER = "\"byteorder\":\"little\"";
    private static final String TYPE = "\"content-type\":\"text/json\"";
    private static final String ENCODING = "\"content-encoding\":\"utf-8\"";
    private static final String LENGTH = "\"content-length\":" + GOOD.length();

    // 5.1

    private void lengths() {
        fatal("length 0", "bad-frame", raw("0000"));
        fatal("length 1", "bad-frame", raw("00017b"));
        fatal("an empty object", "missing-field", raw("00027b7d"));
        fatal("length 65,535 and a brace", "header-too-large", raw("ffff7b"));
        fatal("length 8,193 and a brace", "header-too-large", raw("20017b"));
        fatal("a little-endian length", "header-too-large", raw("7a007b"));
        String padded = "{" + BASE + ID + ",\"content-length\":" + GOOD.length();
        ok("a header of 8,192 bytes", header(padded + " ".repeat(8_191 - padded.length()) + "}"));
        byte[] shortByOne = request(ID, GOOD);
        shortByOne[1]--;
        fatal("a length too small by one", "bad-header", shortByOne);
        fatal("many zeros", "bad-frame", new byte[4_000]);
        ok("a good one", request(ID, GOOD));
    }

    // 5.2

    private void otherProtocols() {
        for (String method : List.of("GET ", "POST", "PUT ", "HEAD", "DELETE", "OPTIONS", "PATCH")) {
            cases.add(new Case("HTTP " + method, text(method + " / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP", "", 0));
        }
        cases.add(new Case(
                "a WebSocket upgrade", text("GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"), "HTTP", "", 0));
        closed("HTTP/2", text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        closed("TLS", raw("16 03 01 02 00 01 00 01 fc 03 03"));
        closed("SSH", text("SSH-2.0-x\r\n"));
        closed("PROXY", text("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"));
        closed("PROXY version 2", raw("0d0a0d0a000d0a515549540a"));
        closed("Redis", text("*1\r\n$4\r\nPING\r\n"));
        closed("NATS", text("CONNECT {}\r\n"));
        closed("INFO", text("INFO\r\n"));
        closed("a byte-order mark", raw("efbbbf7b"));
        closed("a blank before the brace", header(" {" + BASE + ID + "," + LENGTH + "}"));
        closed("a line feed before the brace", header("\n{" + BASE + ID + "," + LENGTH + "}"));
        for (String value : List.of("[]", "\"x\"", "10", "null", "true")) {
            closed("the whole header is " + value, header(value));
        }
    }

    // 5.3

    private void syntax() {
        String open = "{" + BASE + ID + "," + LENGTH;
        for (String tail : List.of(
                ",}",
                " \"a\":1}",
                ",'a':1}",
                ",a:1}",
                "/* x */}",
                ",\"a\":NaN}",
                ",\"a\":Infinity}",
                ",\"a\":0x10}",
                ",\"a\":+1}",
                ",\"a\":01}",
                ",\"a\":1.}",
                ",\"a\":.5}",
                ",\"a\":1e}",
                ",\"a\":-}",
                ",\"a\":tru}",
                ",\"a\"}",
                ",\"a\":}",
                ",\"a\":1,}",
                "}}",
                "} x",
                ",\"a\":[1,]}",
                ",\"a\":[1 2]}",
                ",\"a\":\"\\x\"}",
                ",\"a\":\"\\u12g4\"}",
                ",\"a\":\"\t\"}",
                ",\"a\":\"\0\"}",
                ",\"a\":\"\n\"}",
                ",\"a\":\"x}",
                "")) {
            fatal("the header ends with " + tail, "bad-header", header(open + tail));
        }
        ok("blanks after the object", header(open + "} \n\t\r "));
        ok(
                "blanks between all tokens",
                header("{ " + BASE.replace(":", " : ").replace(",", "\n,\t") + ID + " , "
                        + LENGTH.replace(":", " :\r\n ") + " }"));
        fatal("content-length twice, the same", "bad-header", header(open + "," + LENGTH + "}"));
        fatal("content-length twice, another", "bad-header", header(open + ",\"content-length\":2}"));
        fatal("an unknown key twice", "bad-header", header(open + ",\"x\":1,\"x\":2}"));
        fatal("a key twice once unescaped", "bad-header", header(open + ",\"x\":1,\"\\u0078\":2}"));
        fatal("a key twice inside an object", "bad-header", header(open + ",\"x\":{\"y\":1,\"y\":1}}"));
        for (String key : List.of("__proto__", "constructor", "@type", "$type", "class")) {
            ok("the key " + key, with("\"" + key + "\":\"java.lang.Runtime\""));
        }
        for (String number : List.of("1e999999999", "-0", "1E400", "1.5", "-1e-5", "9".repeat(32))) {
            ok("the unknown number " + number, with("\"x\":" + number));
        }
        fatal("a number of 33 digits", "bad-header", with("\"x\":" + "9".repeat(33)));
        fatal("a number of 8,000 digits", "bad-header", with("\"x\":" + "9".repeat(7_900)));
        ok("null, true, false, an empty array and object", with("\"a\":null,\"b\":true,\"c\":false,\"d\":[],\"e\":{}"));
    }

    private void bytesOfTheHeader() {
        for (String bad : List.of("80", "c0af", "eda080", "f4908080", "c3", "e282", "f0908d", "ff")) {
            byte[] before = ("{" + BASE + ID + "," + LENGTH + ",\"x\":\"").getBytes(StandardCharsets.UTF_8);
            byte[] middle = raw(bad);
            byte[] after = "\"}".getBytes(StandardCharsets.UTF_8);
            byte[] header = new byte[before.length + middle.length + after.length];
            System.arraycopy(before, 0, header, 0, before.length);
            System.arraycopy(middle, 0, header, before.length, middle.length);
            System.arraycopy(after, 0, header, before.length + middle.length, after.length);
            fatal("the bytes " + bad + " in a string", "bad-header", frame(header, text(GOOD)));
        }
        fatal("half a surrogate pair", "bad-header", with("\"x\":\"\\ud83d\""));
        fatal("the other half alone", "bad-header", with("\"x\":\"\\udc36\""));
        fatal("two halves in the wrong order", "bad-header", with("\"x\":\"\\udc36\\ud83d\""));
        ok("a surrogate pair", with("\"x\":\"\\ud83d\\udc36\""));
        fatal("an escape in full-width digits", "bad-header", with("\"x\":\"\\u\uff10\uff10\uff14\uff11\""));
        fatal(
                "a nested authorization of 1,025 bytes",
                "bad-header",
                with("\"x\":{\"authorization\":\"" + "s".repeat(1_025) + "\"}"));
        fatal(
                "a nested content-length of 33 digits",
                "bad-header",
                with("\"x\":{\"content-length\":" + "9".repeat(33) + "}"));
        ok("an emoji as it is", with("\"x\":\"\ud83d\udc36\""));
    }

    private void bounds() {
        ok("a name of 64 bytes", with("\"" + "n".repeat(64) + "\":1"));
        fatal("a name of 65 bytes", "bad-header", with("\"" + "n".repeat(65) + "\":1"));
        fatal("a name of 33 letters and 66 bytes", "bad-header", with("\"" + "ä".repeat(33) + "\":1"));
        ok("a string of 1,024 bytes", with("\"x\":\"" + "s".repeat(1_024) + "\""));
        fatal("a string of 1,025 bytes", "bad-header", with("\"x\":\"" + "s".repeat(1_025) + "\""));
        ok("an authorization of 4,096 bytes", with("\"authorization\":\"" + "s".repeat(4_096) + "\""));
        fatal("an authorization of 4,097 bytes", "bad-header", with("\"authorization\":\"" + "s".repeat(4_097) + "\""));
        ok("depth 8", with("\"x\":" + "[".repeat(7) + "]".repeat(7)));
        fatal("depth 9", "bad-header", with("\"x\":" + "[".repeat(8) + "]".repeat(8)));
        fatal(
                "1,000 objects in each other",
                "bad-header",
                with("\"x\":" + "{\"y\":".repeat(1_000) + "1" + "}".repeat(1_000)));
        fatal("4,000 arrays in each other", "bad-header", header("{\"x\":" + "[".repeat(4_000)));
        ok("64 keys", with(keys(64 - 7)));
        fatal("65 keys", "bad-header", with(keys(65 - 7 + 1)));
    }

    /** The good header has six members, and these make it so many more. */
    private static String keys(int count) {
        var members = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            members.add("\"k" + i + "\":" + i);
        }
        return String.join(",", members);
    }

    // 5.4

    private void requiredFields() {
        fatal("no content-length", "missing-field", fields(ORDER, TYPE, ENCODING, ""));
        refused("no byteorder", "missing-field", fields("", TYPE, ENCODING, LENGTH));
        refused("no content-type", "missing-field", fields(ORDER, "", ENCODING, LENGTH));
        refused("no content-encoding", "missing-field", fields(ORDER, TYPE, "", LENGTH));
        ok(
                "no content",
                frame(
                        "{\"byteorder\":\"big\",\"content-type\":\"binary/x\",\"content-encoding\":\"binary\","
                                + "\"content-length\":0" + ID + "}",
                        ""));
        for (String order : List.of("\"Big\"", "\"BIG\"", "\"middle\"", "\"\"", "1", "null")) {
            refused("byteorder " + order, "bad-field", fields("\"byteorder\":" + order, TYPE, ENCODING, LENGTH));
        }
        fatal(
                "a byteorder of 1,025 bytes",
                "bad-header",
                fields("\"byteorder\":\"" + "b".repeat(1_025) + "\"", TYPE, ENCODING, LENGTH));
        for (String type : List.of("\"\"", "\"a\\r\\nb\"", "\"a\\u0000\"", "7", "null")) {
            refused("content-type " + type, "bad-field", fields(ORDER, "\"content-type\":" + type, ENCODING, LENGTH));
        }
        ok("an unknown content-type", fields(ORDER, "\"content-type\":\"x/y\"", ENCODING, LENGTH));
        for (String encoding : List.of("utf-7", "idna", "rot13", "../x", "", "utf-32", "UTF_8", "binary")) {
            refused(
                    "content-encoding " + encoding,
                    "unsupported-encoding",
                    fields(ORDER, TYPE, "\"content-encoding\":\"" + encoding + "\"", LENGTH));
        }
        refused("content-encoding null", "bad-field", fields(ORDER, TYPE, "\"content-encoding\":null", LENGTH));
        for (String encoding : List.of("UTF-8", "utf8", "us-ascii", "ASCII", "latin-1", "ISO-8859-1")) {
            ok(
                    "content-encoding " + encoding,
                    fields(ORDER, TYPE, "\"content-encoding\":\"" + encoding + "\"", LENGTH));
        }
    }

    private void numbers() {
        for (String length : List.of(
                "-1",
                "-0",
                "2.0",
                "2e0",
                "\"2\"",
                "null",
                "true",
                "[2]",
                "{}",
                "1e308",
                "9".repeat(33),
                "9".repeat(7_800))) {
            fatal(
                    "content-length " + cut(length),
                    "bad-field",
                    fields(ORDER, TYPE, ENCODING, "\"content-length\":" + length));
        }
        for (String length : List.of("+2", "02", "0x2")) {
            fatal(
                    "content-length " + length,
                    "bad-header",
                    fields(ORDER, TYPE, ENCODING, "\"content-length\":" + length));
        }
        for (String length :
                List.of("1048577", "2147483647", "2147483648", "4294967296", "4294967298", "9".repeat(32))) {
            fatal(
                    "content-length " + length,
                    "content-too-large",
                    fields(ORDER, TYPE, ENCODING, "\"content-length\":" + length));
        }
        for (String id : List.of("\"a\"", "\"\"", "0", "-1", "1.5", "9007199254740992", "null", "[]", "{}", "true")) {
            fatal("id " + id, "bad-field", request(",\"action\":\"show\",\"id\":" + id, GOOD));
        }
        cases.add(new Case(
                "the largest id",
                request(",\"action\":\"show\",\"id\":9007199254740991", GOOD),
                "OK",
                "",
                9_007_199_254_740_991L));
        for (String timeout : List.of("-1", "1.5", "\"5\"", "null", "1234567890123456")) {
            refused("timeout-ms " + timeout, "bad-field", with("\"timeout-ms\":" + timeout));
        }
        ok("the longest timeout-ms", with("\"timeout-ms\":999999999999999"));
    }

    private static String cut(String text) {
        return text.length() > 20 ? text.length() + " characters" : text;
    }

    private void optionalFields() {
        for (String coding : List.of("br", "zstd", "gzip, gzip", "gzip", "")) {
            refused("content-coding " + coding, "unsupported-encoding", with("\"content-coding\":\"" + coding + "\""));
        }
        refused("content-coding 1", "bad-field", with("\"content-coding\":1"));
        refused("accept-coding a string", "bad-field", with("\"accept-coding\":\"gzip\""));
        refused("accept-coding of numbers", "bad-field", with("\"accept-coding\":[1]"));
        ok("accept-coding", with("\"accept-coding\":[\"gzip\",\"br\"]"));
        refused("status from a client", "bad-field", with("\"status\":\"ok\""));
        refused("close from a client", "bad-field", with("\"close\":true"));
        for (String key : List.of("authorization", "traceparent", "idempotency-key")) {
            refused(key + " a number", "bad-field", with("\"" + key + "\":1"));
            ok(key + " a string", with("\"" + key + "\":\"x\""));
        }
        for (String action : List.of(
                "\"\"",
                "\"a b\"",
                "\"a..b\"",
                "\".a\"",
                "\"ä\"",
                "\"a.b.c.d.e.f.g.h.i\"",
                "7",
                "null",
                "\"" + "a".repeat(65) + "\"")) {
            refused("action " + cut(action), "bad-field", request(",\"id\":77,\"action\":" + action, GOOD));
        }
        refused("an action of nobody's", "unknown-action", request(",\"id\":77,\"action\":\"nobody\"", GOOD));
        fatal("more", "bad-field", with("\"more\":true"));
        ok("more that is false", with("\"more\":false"));
        fatal("more without an id", "bad-field", request(",\"action\":\"show\",\"more\":true", GOOD));
        fatal("more a string", "bad-field", with("\"more\":\"yes\""));
        fatal("one-way", "bad-field", with("\"reply\":false"));
        ok("reply", with("\"reply\":true"));
        fatal("reply a number", "bad-field", with("\"reply\":0"));
        fatal("control a number", "bad-field", with("\"control\":1"));
        fatal("control with content", "bad-field", with("\"control\":\"ping\""));
        fatal(
                "going-away from a client",
                "bad-field",
                frame("{" + BASE + ",\"content-length\":0,\"control\":\"going-away\"}", ""));
        fatal(
                "a control with a bad byteorder",
                "bad-field",
                frame(
                        "{\"byteorder\":\"x\"," + TYPE + "," + ENCODING + ",\"content-length\":0,\"control\":\"ping\"}",
                        ""));
        fatal(
                "a bad id before a bad byteorder",
                "bad-field",
                frame("{\"byteorder\":\"x\"," + TYPE + "," + ENCODING + "," + LENGTH + ",\"id\":0}", GOOD));
        fatal(
                "a bad length before all else",
                "missing-field",
                frame("{\"byteorder\":\"x\",\"id\":0,\"more\":1}", GOOD));
    }

    // 5.5

    private void contents() {
        for (String content : List.of(
                "{",
                "nonsense",
                "{\"value\":1}}",
                "{'value':1}",
                "[1,]",
                "\"\\ud83d",
                "",
                "[".repeat(100_000),
                "9".repeat(100_000),
                "{\"value\":\"a\",\"value\":\"b\"}")) {
            refused(
                    "the content " + cut(content) + " bound to a record",
                    "bad-content",
                    request(",\"id\":77,\"action\":\"bind\"", content));
            refused(
                    "the content " + cut(content) + " without an action",
                    "bad-content",
                    request(",\"id\":77", content));
        }
        byte[] bad = request(",\"id\":77,\"action\":\"bind\"", "{\"value\":\"??\"}");
        bad[bad.length - 4] = (byte) 0xff;
        refused("content that is not UTF-8", "bad-content", bad);
        refused(
                "a record's field of another type",
                "bad-content",
                request(",\"id\":77,\"action\":\"bind\"", "{\"value\":[1]}"));
        refused(
                "bytes for a record",
                "unsupported-type",
                frame(
                        "{\"byteorder\":\"big\",\"content-type\":\"x/y\","
                                + "\"content-encoding\":\"binary\",\"content-length\":2,\"id\":77,\"action\":\"bind\"}",
                        "{}"));
        for (String magic : List.of("aced0005", "504b0304", "cafebabe")) {
            byte[] content = raw(magic + "00000000");
            ok(
                    "bytes that begin with " + magic,
                    frame(
                            ("{\"byteorder\":\"big\",\"content-type\":\"application/octet-stream\",\"content-encoding\":\"binary\","
                                            + "\"content-length\":8" + ID + "}")
                                    .getBytes(StandardCharsets.UTF_8),
                            content));
        }
        ok("1 MiB of content", request(ID, "x".repeat(1024 * 1024)));
    }
}
