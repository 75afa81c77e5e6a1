package dev.parley.tests.corpus;

import dev.parley.frame.FrameLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Bytes from a client, and the required reaction of the server. */
final class CorpusCase {
    private final String name;
    private final byte[] bytes;
    private final List<String> replies;
    private final Then then;
    private final boolean wide;

    private CorpusCase(String name, byte[] bytes, List<String> replies, Then then, boolean wide) {
        this.name = name;
        this.bytes = bytes;
        this.replies = replies;
        this.then = then;
        this.wide = wide;
    }

    /** Returns the name, which says what is wrong. */
    String name() {
        return name;
    }

    byte[] bytes() {
        return bytes;
    }

    /**
     * Returns the replies, in the words of {@link CorpusServer#words}: {@code ok 1: other 2}, {@code bad-field 1} (an
     * error with the id), or {@code bad-field, close} (an error that ends the connection).
     */
    List<String> replies() {
        return replies;
    }

    Then then() {
        return then;
    }

    /** Returns true if the case needs a server whose limit of headers is raised to all that the frame allows. */
    boolean isWide() {
        return wide;
    }

    /** The fate of the connection after the case. */
    enum Then {
        /** The next valid message is answered. */
        LIVES,
        /** The server ends the connection, and the next valid message is not answered. */
        ENDS,
        /** The client ends its direction right here. */
        CLIENT_ENDS
    }

    /** The word for the HTTP page among the replies. */
    static final String PAGE = "HTTP 400";

    /** The limits for frames as large as the length prefix can say. */
    static final FrameLimits WIDE = FrameLimits.DEFAULT.withHeaderBytesMax(65_535);

    // The four reactions.

    /** Returns a case in which each of these is delivered and answered. */
    static CorpusCase ok(String name, byte[] bytes, String... replies) {
        return new CorpusCase(name, bytes, List.of(replies), Then.LIVES, false);
    }

    /** Returns a case with a message that the handler for everything else gets, with id 1 and two bytes of content. */
    static CorpusCase ok(String name, Sent sent) {
        return ok(name, sent.bytes(), "ok 1: other 2");
    }

    /** Returns a case in which a message with id 1 is refused, and the connection lives. */
    static CorpusCase refused(String name, String code, Sent sent) {
        return ok(name, sent.bytes(), code + " 1");
    }

    /** Returns a case in which an error ends the connection. */
    static CorpusCase fatal(String name, String code, byte[] bytes) {
        return new CorpusCase(name, bytes, List.of(code + ", close"), Then.ENDS, false);
    }

    static CorpusCase fatal(String name, String code, Sent sent) {
        return fatal(name, code, sent.bytes());
    }

    /** Returns a case in which the connection is closed without an error. */
    static CorpusCase closed(String name, byte[] bytes) {
        return new CorpusCase(name, bytes, List.of(), Then.ENDS, false);
    }

    static CorpusCase http(String name, String request) {
        return new CorpusCase(name, ascii(request), List.of(PAGE), Then.ENDS, false);
    }

    /** Returns a case in which the client ends its direction after these bytes. */
    static CorpusCase cutOff(String name, byte[] bytes, String... replies) {
        return new CorpusCase(name, bytes, List.of(replies), Then.CLIENT_ENDS, false);
    }

    /** Returns the same case with a valid message before it. */
    CorpusCase following(byte[] valid, String reply) {
        return new CorpusCase(name, joined(valid, bytes), replies, then, wide).after(reply);
    }

    /** Returns the same case with this reply first, to something valid before it. */
    CorpusCase after(String reply) {
        var all = new ArrayList<>(List.of(reply));
        all.addAll(replies);
        return new CorpusCase(name, bytes, List.copyOf(all), then, wide);
    }

    /** Returns the same case for a server that takes the longest headers. */
    CorpusCase wideHeaders() {
        return new CorpusCase(name, bytes, replies, then, true);
    }

    FrameLimits limits() {
        return wide ? WIDE : FrameLimits.DEFAULT;
    }

    @Override
    public String toString() {
        return name;
    }

    // Bytes.

    /** Returns the bytes of hexadecimal digits, which may have blanks between them. */
    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] joined(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    /** Returns a frame whose length prefix says this, whatever follows. */
    static byte[] frame(int length, byte[] header, byte[] content) {
        return joined(new byte[] {(byte) (length >> 8), (byte) length}, header, content);
    }

    /** Returns a frame with a header that is just these characters, and the content {@code {}}. */
    static byte[] frame(String header) {
        byte[] bytes = utf8(header);
        return frame(bytes.length, bytes, ascii("{}"));
    }

    /** A message as a client sends it, each field as JSON text, so that a case can contain text that is not JSON. */
    static final class Sent {
        private final Map<String, String> fields;
        private final byte[] content;

        private Sent(Map<String, String> fields, byte[] content) {
            this.fields = fields;
            this.content = content;
        }

        /** Returns the valid message on which most cases are based. */
        static Sent base() {
            return new Sent(Map.of(), new byte[0])
                    .with("byteorder", "\"little\"")
                    .with("content-type", "\"text/json\"")
                    .with("content-encoding", "\"utf-8\"")
                    .content("{}")
                    .with("id", "1");
        }

        /** Returns that message with content of this type, for the action in the header. */
        static Sent to(String action, String type, byte[] content) {
            return base().with("action", '"' + action + '"')
                    .with("content-type", '"' + type + '"')
                    .content(content);
        }

        Sent with(String key, String json) {
            var changed = new LinkedHashMap<>(fields);
            changed.put(key, json);
            return new Sent(changed, content);
        }

        /** Returns the message with the same field twice. */
        Sent again(String key, String json) {
            return with('"' + key + '"', json);
        }

        Sent without(String key) {
            var changed = new LinkedHashMap<>(fields);
            changed.remove(key);
            return new Sent(changed, content);
        }

        /** Returns the message with this content, and its true length. */
        Sent content(byte[] bytes) {
            return new Sent(with("content-length", String.valueOf(bytes.length)).fields, bytes);
        }

        Sent content(String text) {
            return content(utf8(text));
        }

        int keys() {
            return fields.size();
        }

        /** Returns the header. A key that is quoted already is one that occurs twice. */
        String header() {
            return fields.entrySet().stream()
                    .map(field -> quoted(field.getKey()) + ":" + field.getValue())
                    .collect(Collectors.joining(",", "{", "}"));
        }

        private static String quoted(String key) {
            return key.startsWith("\"") ? key : '"' + key + '"';
        }

        byte[] bytes() {
            byte[] header = utf8(header());
            return frame(header.length, header, content);
        }

        /** Returns its bytes with a field whose value has bytes that are not characters. */
        byte[] bytesWith(String key, byte[] value) {
            byte[] header = utf8(with(key, "\"@\"").header());
            int at = new String(header, StandardCharsets.ISO_8859_1).lastIndexOf('@');
            byte[] changed =
                    joined(Arrays.copyOf(header, at), value, Arrays.copyOfRange(header, at + 1, header.length));
            return frame(changed.length, changed, content);
        }
    }
}
