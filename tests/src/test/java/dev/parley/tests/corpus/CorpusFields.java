package dev.parley.tests.corpus;

import static dev.parley.tests.corpus.CorpusCase.ascii;
import static dev.parley.tests.corpus.CorpusCase.fatal;
import static dev.parley.tests.corpus.CorpusCase.hex;
import static dev.parley.tests.corpus.CorpusCase.joined;
import static dev.parley.tests.corpus.CorpusCase.ok;
import static dev.parley.tests.corpus.CorpusCase.refused;

import dev.parley.tests.corpus.CorpusCase.Sent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cases with the fields of the header. */
final class CorpusFields {
    private static final Sent BASE = Sent.base();
    private static final byte[] VALID = BASE.bytes();
    private static final String BAD_FIELD = "bad-field";
    private static final String BAD_HEADER = "bad-header";
    private static final String MISSING = "missing-field";
    private static final String ENCODING = "unsupported-encoding";
    static final int CONTENT_MAX = 1024 * 1024;

    private CorpusFields() {}

    static List<CorpusCase> all() {
        var all = new ArrayList<CorpusCase>();
        required(all);
        contentLength(all);
        byteOrder(all);
        contentType(all);
        contentEncoding(all);
        id(all);
        action(all);
        flags(all);
        controls(all);
        otherKeys(all);
        fatalFirst(all);
        skipped(all);
        sequences(all);
        return all;
    }

    private static void required(List<CorpusCase> all) {
        all.add(fatal("61 no content-length", MISSING, BASE.without("content-length")));
        for (String key : List.of("byteorder", "content-type", "content-encoding")) {
            all.add(refused("61 no " + key, MISSING, BASE.without(key)));
        }
        Sent little = BASE.without("byteorder").without("content-type").without("content-encoding");
        all.add(refused("only content-length and id", MISSING, little));
        all.add(ok("only content-length", little.without("id").bytes(), MISSING));
        all.add(ok("no id", BASE.without("id").bytes(), "ok: other 2"));
    }

    private static void contentLength(List<CorpusCase> all) {
        Sent empty = BASE.with("content-type", "\"binary/x\"").content("");
        all.add(ok("62 no content", empty.bytes(), "ok 1: other 0"));
        lengths(all, "63 ", BAD_FIELD, "-1", "-0", "2.0", "2e0");
        lengths(all, "63 ", BAD_HEADER, "+2", "02", "0x2", "00", "2 2");
        lengths(all, "64 ", BAD_FIELD, "\"2\"", "null", "true", "[2]", "{}", "\"\"", "false");
        lengths(all, "65 ", "content-too-large", "2147483647", "2147483648", "4294967296", "4294967298");
        lengths(all, "", "content-too-large", "18446744073709551618", "9".repeat(32), "9999999999");
        lengths(all, "67 ", BAD_FIELD, "1e308", "1".repeat(8_000), "9".repeat(33), "2E0", "2.5", "1e-1");
        lengths(all, "68 ", "content-too-large", "1048577");
        byte[] most = filled(CONTENT_MAX);
        Sent full = BASE.with("content-type", "\"x\"").content(most);
        all.add(ok("70 the longest content", full.bytes(), "ok 1: other " + CONTENT_MAX));
        byte[] more = full.content(filled(CONTENT_MAX + 1)).bytes();
        all.add(fatal("68 a content too long, in full", "content-too-large", more));
        Sent claims = BASE.with("content-type", "\"x\"").with("content-length", "60");
        all.add(fatal("72 a content shorter than declared", "bad-frame", joined(claims.bytes(), VALID))
                .after("ok 1: other 60"));
    }

    private static byte[] filled(int count) {
        var bytes = new byte[count];
        Arrays.fill(bytes, (byte) 'x');
        return bytes;
    }

    /** Adds cases of which none says where the next message begins. */
    private static void lengths(List<CorpusCase> all, String number, String code, String... values) {
        for (String value : values) {
            all.add(fatal(number + "content-length " + value, code, BASE.with("content-length", value)));
        }
    }

    /** Adds cases of which each is refused for itself, and the connection goes on. */
    private static void wrong(List<CorpusCase> all, String number, String key, String code, String... values) {
        for (String value : values) {
            all.add(refused(number + key + " " + shown(value), code, BASE.with(key, value)));
        }
    }

    private static String shown(String value) {
        return value.length() > 40 ? value.length() + " characters" : value;
    }

    private static void byteOrder(List<CorpusCase> all) {
        String[] values = {"\"Big\"", "\"BIG\"", "\"middle\"", "\"\"", "1", "null", "true", "[]", "\"little \"", "{}"};
        wrong(all, "74 ", "byteorder", BAD_FIELD, values);
        all.add(fatal("74 byteorder of 1,025 bytes", BAD_HEADER, BASE.with("byteorder", CorpusFrames.string(1_025))));
        wrong(all, "74 ", "byteorder", BAD_FIELD, CorpusFrames.string(1_024));
        for (String order : List.of("little", "big")) {
            Sent number = Sent.to("number", "binary/x", hex("01020304")).with("byteorder", '"' + order + '"');
            String read = order.equals("big") ? "16909060" : "67305985";
            all.add(ok("75 a number, " + order, number.bytes(), "ok 1: number " + read));
        }
    }

    private static void contentType(List<CorpusCase> all) {
        wrong(all, "76 ", "content-type", BAD_FIELD, "\"\"", "\"text/json\\r\\nX: y\"", "1", "null", "[]", "{}");
        wrong(all, "76 ", "content-type", BAD_FIELD, "\"a\\u007f\"", "\"a\\tb\"", "\"\\u0085\"", "true");
        Sent tooLong = BASE.with("content-type", CorpusFrames.string(1_025));
        all.add(fatal("76 content-type of 1,025 bytes", BAD_HEADER, tooLong));
        for (String type : List.of("x", "image/png", "TEXT/JSON", "text/json; charset=utf-8", "a b", "💍/ring")) {
            all.add(ok("77 content-type " + type, BASE.with("content-type", '"' + type + '"')));
            Sent typed = Sent.to("typed", type, ascii("{\"number\":1}"));
            all.add(refused("77 content-type " + type + " for a typed handler", "unsupported-type", typed));
        }
        all.add(ok("content-type of 1,024 bytes", BASE.with("content-type", CorpusFrames.string(1_024))));
        Sent application = Sent.to("typed", "application/json", ascii("{\"number\":1}"));
        all.add(ok("application/json", application.bytes(), answer(1)));
    }

    static String answer(int number) {
        return "ok 1: {\"number\":" + number + "}";
    }

    private static void contentEncoding(List<CorpusCase> all) {
        String[] none = {"utf-7", "idna", "rot13", "../x", "", "cp037", "utf_7", "utf-8 ", "utf-32", "x-user-defined"};
        for (String name : none) {
            wrong(all, "78 ", "content-encoding", ENCODING, '"' + name + '"');
        }
        wrong(all, "78 ", "content-encoding", BAD_FIELD, "null", "1", "[]", "[\"utf-8\"]", "{}", "true");
        wrong(all, "", "content-encoding", ENCODING, "\"utf-8\\u0000\"", "\"utf-8\\r\\n\"", "\"binary\"");
        Sent binary = BASE.with("content-encoding", "\"binary\"");
        all.add(refused("application/json, binary", ENCODING, binary.with("content-type", "\"application/json\"")));
        all.add(ok("bytes, binary", binary.with("content-type", "\"x\"")));
        for (String name : List.of("UTF-8", "utf8", "us-ascii", "Ascii", "iso-8859-1", "LATIN-1")) {
            all.add(ok("78 content-encoding " + name, BASE.with("content-encoding", '"' + name + '"')));
        }
        wrong(all, "79 ", "content-coding", ENCODING, "\"br\"", "\"zstd\"", "\"gzip, gzip\"", "\"GZIP\"", "\"\"");
        all.add(refused(
                "content-coding gzip of bytes that are not gzip",
                "bad-content",
                BASE.with("content-coding", "\"gzip\"")));
        wrong(all, "79 ", "content-coding", BAD_FIELD, "1", "null", "[]", "[\"gzip\"]", "false", "{}");
    }

    private static void id(List<CorpusCase> all) {
        String[] wrong = {"\"a\"", "\"\"", "0", "-1", "1.5", "9007199254740992", "null", "[]", "{}"};
        for (String value : wrong) {
            all.add(fatal("81 id " + value, BAD_FIELD, BASE.with("id", value)));
        }
        for (String value : List.of("\"1\"", "true", "-0", "1.0", "1e0", "18446744073709551617", "9".repeat(32))) {
            all.add(fatal("id " + value, BAD_FIELD, BASE.with("id", value)));
        }
        for (String value : List.of("01", "+1", "9".repeat(33))) {
            all.add(fatal("id " + value, BAD_HEADER, BASE.with("id", value)));
        }
        all.add(ok("the largest id", BASE.with("id", "9007199254740991").bytes(), "ok 9007199254740991: other 2"));
        Sent refused = BASE.with("byteorder", "1").with("id", "9007199254740991");
        all.add(ok("a refusal of the largest id", refused.bytes(), "bad-field 9007199254740991"));
    }

    private static void action(List<CorpusCase> all) {
        String[] wrong = {"", ".", "a.", ".a", "a..b", "a b", " a", "a/b", "é", "ok\\n", "a:b", "*", "a.b.c.d.e.f.g.h.i"
        };
        for (String name : wrong) {
            wrong(all, "", "action", BAD_FIELD, '"' + name + '"');
        }
        wrong(all, "", "action", BAD_FIELD, CorpusFrames.string(65), "1", "null", "[]", "{}", "true", "[\"ok\"]");
        String longest = ".".concat("z".repeat(64)).repeat(8).substring(1);
        for (String name : List.of("a", "A_-9", "OK", "a.b.c.d.e.f.g.h", longest)) {
            all.add(ok("an unknown action " + shown(name), BASE.with("action", '"' + name + '"')));
        }
        all.add(ok("the header's action", BASE.with("action", "\"ok\"").bytes(), "ok 1: raw 2"));
        Sent both = BASE.with("action", "\"ok\"").content("{\"action\": \"typed\"}");
        all.add(ok("the header's action goes before the content's", both.bytes(), "ok 1: raw 19"));
        for (String json : List.of("null", "1", "[]", "{\"a\":1}", "\"a b\"", "\"\"", "\"nobody\"", "\"\\u006fkay\"")) {
            String content = "{\"action\":" + json + "}";
            byte[] bytes = BASE.content(content).bytes();
            all.add(ok("the content's action " + json, bytes, "ok 1: other " + content.length()));
        }
        all.add(ok("the content's action", BASE.content("{\"action\":\"ok\"}").bytes(), "ok 1: raw 15"));
        byte[] escaped = BASE.content("{\"action\":\"\\u006fk\"}").bytes();
        all.add(ok("the content's action in escapes", escaped, "ok 1: raw 20"));
        byte[] peer = BASE.content("{\"action\": \"parley.peer\"}").bytes();
        all.add(ok("who are you", peer, "ok 1: {\"result\": \"parley\"}"));
        for (String json : List.of("[]", "0", "\"\"", "null", "[{\"action\":\"ok\"}]")) {
            byte[] bytes = BASE.content(json).bytes();
            all.add(ok("JSON content without an action: " + json, bytes, "ok 1: other " + json.length()));
        }
    }

    private static void flags(List<CorpusCase> all) {
        for (String key : List.of("more", "reply")) {
            for (String value : List.of("\"true\"", "1", "0", "null", "[]", "{}", "\"\"")) {
                all.add(fatal(key + " " + value, BAD_FIELD, BASE.with(key, value)));
            }
        }
        all.add(fatal("more without id", BAD_FIELD, BASE.without("id").with("more", "true")));
        all.add(fatal(
                "no id, more, wrong reply", BAD_FIELD, BASE.with("more", "true").with("reply", "0")));
        all.add(ok("reply false", BASE.with("reply", "false").bytes()));
        all.add(ok("more false", BASE.with("more", "false")));
        all.add(ok("reply true", BASE.with("reply", "true")));
        wrong(all, "86 ", "status", BAD_FIELD, "\"ok\"", "\"failed\"", "\"\"", "1", "null");
        wrong(all, "", "close", BAD_FIELD, "true", "false", "null", "\"\"");
    }

    private static void controls(List<CorpusCase> all) {
        Sent control = BASE.content("").with("control", "\"ping\"");
        all.add(ok("control ping", control.bytes(), "pong 1"));
        all.add(ok("control ping without id", control.without("id").bytes(), "pong"));
        Sent credit = control.with("control", "\"credit\"");
        all.add(ok("control credit", credit.with("credit", "65536").bytes()));
        all.add(ok("control credit of nothing", credit.with("credit", "0").bytes()));
        for (String value : List.of("-1", "1.5", "1e3", "\"1\"", "null", "true", "[]", "2147483648")) {
            all.add(fatal("control credit " + value, BAD_FIELD, credit.with("credit", value)));
        }
        all.add(fatal("control credit that says nothing", BAD_FIELD, credit));
        all.add(fatal(
                "control credit without id",
                BAD_FIELD,
                credit.with("credit", "1").without("id")));
        all.add(fatal(
                "control cancel without id",
                BAD_FIELD,
                control.with("control", "\"cancel\"").without("id")));
        for (String name : List.of("pong", "cancel", "unknown", "", "Going-Away")) {
            all.add(ok(
                    "control " + name, control.with("control", '"' + name + '"').bytes()));
        }
        all.add(ok(
                "control ping, then a message of its id", joined(control.bytes(), VALID), "pong 1", "ok 1: other 2"));
        all.add(fatal("86 going-away", BAD_FIELD, control.with("control", "\"going-away\"")));
        all.add(fatal("control with content", BAD_FIELD, control.content("{}")));
        for (String value : List.of("1", "null", "true", "[]", "{}", "[\"ping\"]")) {
            all.add(fatal("control " + value, BAD_FIELD, control.with("control", value)));
        }
        // Section 6: controls never get an error response; a malformed one is X.
        all.add(fatal("control without byteorder", MISSING, control.without("byteorder")));
        all.add(fatal("control without content-type", MISSING, control.without("content-type")));
        all.add(fatal("control with a wrong byteorder", BAD_FIELD, control.with("byteorder", "\"middle\"")));
        all.add(fatal("control with a wrong encoding", ENCODING, control.with("content-encoding", "\"utf-7\"")));
    }

    private static void otherKeys(List<CorpusCase> all) {
        wrong(all, "", "timeout-ms", BAD_FIELD, "\"1\"", "-1", "-0", "1.5", "1e3", "null", "true", "[]", "{}", "\"\"");
        all.add(fatal("timeout-ms 01", BAD_HEADER, BASE.with("timeout-ms", "01")));
        all.add(ok("timeout-ms 60000", BASE.with("timeout-ms", "60000")));
        all.add(ok("timeout-ms of 15 digits", BASE.with("timeout-ms", "9".repeat(15))));
        Sent typed = Sent.to("typed", "text/json", ascii("{\"number\":1}"));
        for (String millis : List.of("60000", "9".repeat(15))) {
            all.add(ok(
                    "timeout-ms " + millis + " of a thread",
                    typed.with("timeout-ms", millis).bytes(),
                    answer(1)));
        }
        all.add(refused("timeout-ms 0 of a thread", "timeout", typed.with("timeout-ms", "0")));
        all.add(refused("timeout-ms 0", "timeout", BASE.with("timeout-ms", "0")));
        wrong(all, "", "accept-coding", BAD_FIELD, "\"gzip\"", "[1]", "[\"gzip\",null]", "{}", "null", "1", "[[]]");
        all.add(ok("accept-coding", BASE.with("accept-coding", "[\"gzip\",\"\"]")));
        all.add(ok("accept-coding of none", BASE.with("accept-coding", "[]")));
        for (String key : List.of("authorization", "traceparent", "idempotency-key")) {
            wrong(all, "", key, BAD_FIELD, "1", "null", "[]", "{}", "true");
            all.add(ok(key, BASE.with(key, "\"x\"")));
        }
    }

    /** Adds cases with two errors, of which one would end the connection: that one is the answer. */
    private static void fatalFirst(List<CorpusCase> all) {
        Sent wrong = BASE.with("byteorder", "1").with("content-type", "\"\"").with("status", "\"ok\"");
        Sent missing = BASE.without("byteorder");
        all.add(fatal("wrong byteorder, wrong id", BAD_FIELD, wrong.with("id", "0")));
        all.add(fatal("wrong byteorder, long content", "content-too-large", wrong.with("content-length", "9999999")));
        all.add(fatal("wrong byteorder, no content-length", MISSING, wrong.without("content-length")));
        all.add(fatal("no byteorder, wrong content-length", BAD_FIELD, missing.with("content-length", "-1")));
        all.add(fatal("no byteorder, wrong id", BAD_FIELD, missing.with("id", "\"\"")));
        all.add(fatal("no byteorder, wrong reply", BAD_FIELD, missing.with("reply", "1")));
        all.add(fatal("no byteorder, wrong more", BAD_FIELD, missing.with("more", "1")));
        all.add(fatal("no byteorder, wrong control", BAD_FIELD, missing.with("control", "1")));
        all.add(fatal(
                "no encoding, a key twice",
                BAD_HEADER,
                BASE.without("content-encoding").again("id", "1")));
        all.add(fatal("wrong action, long string", BAD_HEADER, BASE.with("action", CorpusFrames.string(1_025))));
    }

    /**
     * Adds cases in which the content of a refused message is dropped to its last byte, even if it looks like a
     * message.
     */
    private static void skipped(List<CorpusCase> all) {
        Sent wrong = BASE.with("byteorder", "\"middle\"");
        byte[] looksValid = joined(VALID, VALID, VALID);
        all.add(refused("a refused content of messages", BAD_FIELD, wrong.content(looksValid)));
        all.add(refused("a refused content of zeros", BAD_FIELD, wrong.content(new byte[2_000])));
        all.add(refused("a refused content of HTTP", BAD_FIELD, wrong.content("GET / HTTP/1.1\r\n\r\n")));
        all.add(refused("a refused message of no content", BAD_FIELD, wrong.content("")));
        all.add(refused("a refused content of one byte", BAD_FIELD, wrong.content("{")));
        all.add(refused("a refused content of 1 MiB", BAD_FIELD, wrong.content(filled(CONTENT_MAX))));
        all.add(ok(
                "a refused message of no id",
                wrong.without("id").content(looksValid).bytes(),
                BAD_FIELD));
        byte[] both =
                joined(wrong.content("").bytes(), VALID, wrong.with("id", "2").bytes(), VALID);
        all.add(ok("refusals between messages", both, "bad-field 1", "ok 1: other 2", "bad-field 2", "ok 1: other 2"));
    }

    private static void sequences(List<CorpusCase> all) {
        all.add(ok("83 an id again after its reply", joined(VALID, VALID), "ok 1: other 2", "ok 1: other 2"));
        Sent plain = BASE.without("id").with("content-type", "\"x\"");
        byte[] three = joined(
                plain.content("1").bytes(),
                plain.content("22").bytes(),
                plain.content("").bytes());
        all.add(ok("84 no id, several at once", three, "ok: other 1", "ok: other 2", "ok: other 0"));
        byte[] typed = Sent.to("typed", "text/json", ascii("{\"number\":1}"))
                .without("id")
                .bytes();
        byte[] mixed =
                joined(typed, plain.bytes(), typed, plain.with("byteorder", "1").bytes(), typed);
        String first = "ok: {\"number\":1}";
        all.add(ok("84 no id, slow ones between", mixed, first, "ok: other 2", first, BAD_FIELD, first));
        byte[] sixteen =
                joined(VALID, BASE.content("\"" + "x".repeat(16) + "\"").bytes());
        all.add(ok("one more digit of content-length", sixteen, "ok 1: other 2", "ok 1: other 18"));
        for (String value : List.of("9007199254740992", "0", "-1", "1.0", "18446744073709551617")) {
            byte[] bad = joined(VALID, BASE.with("id", value).bytes());
            all.add(fatal("a message, then id " + value, BAD_FIELD, bad).after("ok 1: other 2"));
        }
        for (String value : List.of("02", "2e0", "1048577", "4294967298")) {
            byte[] bad = joined(VALID, BASE.with("content-length", value).bytes());
            String code = value.startsWith("0") ? BAD_HEADER : value.equals("2e0") ? BAD_FIELD : "content-too-large";
            all.add(fatal("a message, then length " + value, code, bad).after("ok 1: other 2"));
        }
        Sent nested = BASE.without("id").with("x", "{\"id\":1}");
        byte[] looksLikeId =
                joined(nested.bytes(), nested.with("x", "{\"id\":2}").bytes());
        all.add(ok("a nested id has no meaning", looksLikeId, "ok: other 2", "ok: other 2"));
    }
}
