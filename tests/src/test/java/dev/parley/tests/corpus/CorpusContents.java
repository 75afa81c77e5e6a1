package dev.parley.tests.corpus;

import static dev.parley.tests.corpus.CorpusCase.closed;
import static dev.parley.tests.corpus.CorpusCase.hex;
import static dev.parley.tests.corpus.CorpusCase.joined;
import static dev.parley.tests.corpus.CorpusCase.ok;
import static dev.parley.tests.corpus.CorpusCase.refused;
import static dev.parley.tests.corpus.CorpusCase.utf8;
import static dev.parley.tests.corpus.CorpusFields.CONTENT_MAX;
import static dev.parley.tests.corpus.CorpusFields.answer;

import dev.parley.tests.corpus.CorpusCase.Sent;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Cases with bad content, and with good content that looks bad. */
final class CorpusContents {
    private static final Sent BASE = Sent.base();
    private static final String BAD_CONTENT = "bad-content";

    private CorpusContents() {}

    static List<CorpusCase> all() {
        var all = new ArrayList<CorpusCase>();
        brokenJson(all);
        typed(all);
        text(all);
        opaque(all);
        return all;
    }

    private static void brokenJson(List<CorpusCase> all) {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        json(all, "87 an open object", utf8("{\"number\":"));
        json(all, "87 no JSON", utf8("hello"));
        json(all, "87 two values", utf8("{\"number\":1} {}"));
        json(all, "87 a trailing comma", utf8("{\"number\":1,}"));
        json(all, "87 NaN", utf8("{\"number\":NaN}"));
        json(all, "87 a comment", utf8("{\"number\":1 /* one */}"));
        json(all, "87 single quotes", utf8("{'number':1}"));
        json(all, "87 a leading zero", utf8("{\"number\":01}"));
        json(all, "87 an open object with an action", utf8("{\"action\":\"typed\","));
        json(all, "88 nested 100,000 deep", utf8(deep));
        json(all, "88 nested 100,000 deep, below a key", utf8("{\"action\":\"typed\",\"any\":" + deep + "}"));
        for (String invalid : List.of("80", "c0af", "eda080", "f4908080", "ff", "c3")) {
            json(all, "89 no UTF-8: " + invalid, joined(utf8("{\"x\":\""), hex(invalid), utf8("\",\"number\":1}")));
        }
        json(all, "90 1 MiB of digits", utf8("{\"number\":" + "1".repeat(CONTENT_MAX - 11) + "}"));
        json(all, "91 a key twice", utf8("{\"number\":1,\"number\":1}"));
        json(all, "91 the action twice", utf8("{\"action\":\"typed\",\"action\":\"ok\",\"number\":1}"));
        json(all, "91 a key twice after unescaping", utf8("{\"number\":1,\"\\u006eumber\":1}"));
        json(all, "91 a key twice below another", utf8("{\"number\":1,\"x\":{\"a\":1,\"a\":1}}"));
        json(all, "93 empty", new byte[0]);
        json(all, "93 blanks", utf8("  \r\n"));
    }

    /**
     * Adds cases that the router or the typed handler refuses, because it has to read the content; a raw handler gets
     * the content as it is.
     */
    private static void json(List<CorpusCase> all, String name, byte[] content) {
        all.add(refused(name, BAD_CONTENT, BASE.content(content)));
        Sent typed = Sent.to("typed", "text/json", content);
        all.add(refused(name + ", for a typed handler", BAD_CONTENT, typed));
        Sent raw = typed.with("action", "\"ok\"");
        all.add(ok(name + ", for a raw handler", raw.bytes(), "ok 1: raw " + content.length));
    }

    private static void typed(List<CorpusCase> all) {
        for (String json : List.of(
                "null",
                "[]",
                "1",
                "\"x\"",
                "{\"number\":\"x\"}",
                "{\"number\":[1]}",
                "{\"number\":{}}",
                "{\"number\":1e999999999}",
                "{\"number\":2147483648}",
                "{\"number\":99999999999999999999}")) {
            Sent sent = Sent.to("typed", "text/json", utf8(json));
            all.add(refused("content that does not fit the question: " + json, BAD_CONTENT, sent));
        }
        for (String json : List.of(
                "{\"number\":7}", " { \"number\" : 7 } ", "{\"x\":[{}],\"number\":7}", "{\"\\u006eumber\":7}")) {
            byte[] inHeader = Sent.to("typed", "text/json", utf8(json)).bytes();
            all.add(ok("a question, its action in the header: " + json, inHeader, answer(7)));
            byte[] inContent = BASE.content(json.replaceFirst("\\{", "{\"action\":\"typed\","))
                    .bytes();
            all.add(ok("a question, its action in the content: " + json, inContent, answer(7)));
        }
        String huge = "{\"any\":1e999999999,\"number\":7}";
        all.add(ok(
                "90 1e999999999 that is not asked for",
                Sent.to("typed", "text/json", utf8(huge)).bytes(),
                answer(7)));
        all.add(ok("90 1e999999999 for the router", BASE.content(huge).bytes(), "ok 1: other " + huge.length()));
    }

    private static void text(List<CorpusCase> all) {
        read(all, "utf-8", utf8("é💍"), "é💍");
        jsonIn(all, "utf-8", StandardCharsets.UTF_8, "");
        jsonIn(all, "latin-1", StandardCharsets.ISO_8859_1, "");
        jsonIn(all, "utf-16le", StandardCharsets.UTF_16LE, "");
        jsonIn(all, "utf-16be", StandardCharsets.UTF_16BE, "");
        jsonIn(all, "utf-16", StandardCharsets.UTF_16LE, "");
        jsonIn(all, "utf-16", StandardCharsets.UTF_16LE, "fffe");
        jsonIn(all, "utf-16", StandardCharsets.UTF_16BE, "feff");
        Sent unmarked = Sent.to("text", "text/plain", "é💍".getBytes(StandardCharsets.UTF_16BE))
                .with("content-encoding", "\"utf-16\"")
                .with("byteorder", "\"big\"");
        all.add(ok("text in utf-16 without a mark", unmarked.bytes(), "ok 1: text é💍"));
        read(all, "utf-16", joined(hex("feff"), "é".getBytes(StandardCharsets.UTF_16BE)), "é");
        read(all, "utf-16", joined(hex("fffe"), "é".getBytes(StandardCharsets.UTF_16LE)), "é");
        read(all, "utf-16le", "é💍".getBytes(StandardCharsets.UTF_16LE), "é💍");
        read(all, "utf-16be", "é💍".getBytes(StandardCharsets.UTF_16BE), "é💍");
        read(all, "latin-1", hex("e9"), "é");
        read(all, "us-ascii", hex("e9"), "");
        read(all, "utf-8", hex("e9"), "");
        read(all, "utf-16le", hex("00d8"), "");
        read(all, "utf-16be", hex("006100"), "");
    }

    /** Adds the same question in every character set of the list. */
    private static void jsonIn(List<CorpusCase> all, String encoding, Charset set, String mark) {
        String json = "{\"action\":\"typed\",\"é\":1,\"number\":7}";
        byte[] content = joined(hex(mark), json.getBytes(set));
        Sent sent = BASE.content(content).with("content-encoding", '"' + encoding + '"');
        all.add(ok("JSON in " + encoding + " with the mark '" + mark + "'", sent.bytes(), answer(7)));
        byte[] odd = joined(content, hex(set.equals(StandardCharsets.ISO_8859_1) ? "00" : "c3"));
        all.add(refused("JSON in " + encoding + " and a byte, mark '" + mark + "'", BAD_CONTENT, sent.content(odd)));
    }

    /** Adds contents that a raw handler gets; the text is empty if the bytes are not text. */
    private static void read(List<CorpusCase> all, String encoding, byte[] content, String text) {
        Sent sent = Sent.to("text", "text/plain", content).with("content-encoding", '"' + encoding + '"');
        String name = "text in " + encoding + ", " + HexFormat.of().formatHex(content);
        if (text.isEmpty()) {
            all.add(refused(name, BAD_CONTENT, sent));
        } else {
            all.add(ok(name, sent.bytes(), "ok 1: text " + text));
        }
    }

    private static void opaque(List<CorpusCase> all) {
        for (String start : List.of("aced0005", "504b0304", "cafebabe00000045")) {
            for (String type : List.of("application/x-java-serialized-object", "application/zip", "x")) {
                byte[] content = joined(hex(start), new byte[100]);
                Sent sent = Sent.to("ok", type, content).with("content-encoding", "\"binary\"");
                all.add(ok("94 " + start + " as " + type, sent.bytes(), "ok 1: raw " + content.length));
            }
        }
        all.add(closed("94 a Java stream instead of a message", hex("aced0005737200")));
        all.add(closed("94 a class file instead of a message", hex("cafebabe00000045")));
    }
}
