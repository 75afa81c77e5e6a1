package dev.parley.frame;

import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the one JSON object of a header, strictly (docs/protocol.md, section 3): RFC 8259 with no duplicate keys, no
 * byte-order mark, no lone surrogates, and bounds on depth, keys, names, strings and numbers. Objects and arrays are
 * read recursively, which is safe since the depth is bounded. The values are immutable, since the connections of a
 * thread share them.
 */
final class HeaderJson {
    static final int DEPTH_MAX = 8;
    static final int NAME_BYTES_MAX = 64;
    static final int STRING_BYTES_MAX = 1_024;
    static final int AUTHORIZATION_BYTES_MAX = 4_096;
    static final int NUMBER_CHARS_MAX = 32;
    private static final String CONTENT_LENGTH = "content-length";

    /** The position of a number in the header, in characters; {@link #NONE} if the header does not have the number. */
    record Span(int start, int end) {
        static final Span NONE = new Span(-1, -1);

        boolean isThere() {
            return start >= 0;
        }
    }

    private final String text;
    private final boolean ascii;
    private Map<String, Object> members = Map.of();
    private Span contentLengthSpan = Span.NONE;
    private Span idSpan = Span.NONE;
    private int at;

    private HeaderJson(String text, int bytes) {
        this.text = text;
        this.ascii = text.length() == bytes;
    }

    /** Reads a whole header. */
    static HeaderJson parse(ByteBuffer bytes) throws FrameException {
        int count = bytes.remaining();
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw bad("is not UTF-8");
        }
        var parser = new HeaderJson(text, count);
        parser.members = parser.object(1);
        parser.skipSpace();
        if (parser.at < text.length()) {
            throw bad("goes on after its object");
        }
        return parser;
    }

    Map<String, Object> members() {
        return members;
    }

    /** Returns true if each character is one byte. Then the spans are also positions in the bytes. */
    boolean isAscii() {
        return ascii;
    }

    Span contentLengthSpan() {
        return contentLengthSpan;
    }

    Span idSpan() {
        return idSpan;
    }

    private static FrameException bad(String why) {
        return FrameException.fatal(ErrorCode.BAD_HEADER, "the header " + why);
    }

    private Map<String, Object> object(int depth) throws FrameException {
        checkDepth(depth);
        expect('{');
        var members = new LinkedHashMap<String, Object>();
        skipSpace();
        if (peek() == '}') {
            at++;
            return Map.of();
        }
        do {
            skipSpace();
            member(members, depth);
            skipSpace();
        } while (takeComma('}'));
        return Collections.unmodifiableMap(members);
    }

    private void member(Map<String, Object> members, int depth) throws FrameException {
        String name = string("a name", NAME_BYTES_MAX);
        skipSpace();
        expect(':');
        skipSpace();
        int start = at;
        Object value = value(name, depth);
        if (depth == 1 && name.equals(CONTENT_LENGTH)) {
            contentLengthSpan = new Span(start, at);
        } else if (depth == 1 && name.equals(Header.ID)) {
            idSpan = new Span(start, at);
        }
        if (members.put(name, value) != null) {
            throw bad("has a key twice");
        }
        if (members.size() > FrameLimits.HEADER_KEYS_MAX) {
            throw bad("has more than " + FrameLimits.HEADER_KEYS_MAX + " keys");
        }
    }

    private Object value(String name, int depth) throws FrameException {
        char first = peek();
        return switch (first) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"' -> string("a string", stringBytesMax(name, depth));
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", JsonNull.NULL);
            default -> number(depth == 1 && name.equals(CONTENT_LENGTH));
        };
    }

    private static int stringBytesMax(String name, int depth) {
        return depth == 1 && name.equals(Header.AUTHORIZATION) ? AUTHORIZATION_BYTES_MAX : STRING_BYTES_MAX;
    }

    private List<Object> array(int depth) throws FrameException {
        checkDepth(depth);
        expect('[');
        var items = new ArrayList<>();
        skipSpace();
        if (peek() == ']') {
            at++;
            return List.of();
        }
        do {
            skipSpace();
            items.add(value("", depth));
            skipSpace();
        } while (takeComma(']'));
        return List.copyOf(items);
    }

    private static void checkDepth(int depth) throws FrameException {
        if (depth > DEPTH_MAX) {
            throw bad("is nested deeper than " + DEPTH_MAX);
        }
    }

    private boolean takeComma(char end) throws FrameException {
        char next = peek();
        at++;
        if (next == ',') {
            return true;
        }
        if (next == end) {
            return false;
        }
        throw bad("is not JSON");
    }

    private Object word(String word, Object value) throws FrameException {
        if (!text.startsWith(word, at)) {
            throw bad("is not JSON");
        }
        at += word.length();
        return value;
    }

    private JsonNumber number(boolean ofContentLength) throws FrameException {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        // A wrong content-length is always reported as a bad field, even if it is too long for a number in a header.
        if (at - start > NUMBER_CHARS_MAX && !ofContentLength) {
            throw bad("has a number of more than " + NUMBER_CHARS_MAX + " characters");
        }
        return new JsonNumber(text.substring(start, at));
    }

    private void digits() throws FrameException {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw bad("is not JSON");
        }
    }

    private String string(String what, int bytesMax) throws FrameException {
        expect('"');
        var value = new StringBuilder();
        for (char next = take(); next != '"'; next = take()) {
            if (next < 0x20) {
                throw bad("has a control character in a string");
            }
            value.append(next == '\\' ? escaped() : next);
        }
        int bytes = utf8Length(value);
        if (bytes > bytesMax) {
            throw bad("has " + what + " of more than " + bytesMax + " bytes");
        }
        return value.toString();
    }

    private char escaped() throws FrameException {
        char next = take();
        return switch (next) {
            case '"', '\\', '/' -> next;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw bad("is not JSON");
        };
    }

    private char unicode() throws FrameException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            char hex = take();
            int digit = hex < 0x80 ? Character.digit(hex, 16) : -1; // JSON has no digits of other scripts
            if (digit < 0) {
                throw bad("is not JSON");
            }
            code = code * 16 + digit;
        }
        return (char) code;
    }

    /** Returns the length in UTF-8. Throws if the value has half of a surrogate pair, which UTF-8 cannot encode. */
    private static int utf8Length(CharSequence value) throws FrameException {
        int bytes = 0;
        for (int i = 0; i < value.length(); i++) {
            char unit = value.charAt(i);
            if (Character.isSurrogate(unit)) {
                boolean pair = Character.isHighSurrogate(unit)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1));
                if (!pair) {
                    throw bad("has half a surrogate pair");
                }
                i++;
                bytes += 4;
            } else {
                bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
            }
        }
        return bytes;
    }

    private void skipSpace() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() throws FrameException {
        if (at >= text.length()) {
            throw bad("ends too early");
        }
        return text.charAt(at);
    }

    private char take() throws FrameException {
        char next = peek();
        at++;
        return next;
    }

    private void expect(char wanted) throws FrameException {
        if (take() != wanted) {
            throw bad("is not JSON");
        }
    }
}
