package dev.parley.json;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON strings. Characters outside ASCII are not escaped, as in Python's {@code json.dumps(…,
 * ensure_ascii=False)}. Half of a surrogate pair, which UTF-8 cannot encode, is escaped.
 */
public final class JsonText {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    /**
     * The number of bytes by which a control character becomes longer if it is escaped with four hexadecimal digits.
     */
    private static final int UNIT_GROWS = 5;

    /**
     * The minimum length of a text in which half pairs are found with a second text. For a shorter text, it is faster
     * to look at each character.
     */
    private static final int LONG = 64;

    /** The number of characters of a long text that are looked at to choose how to encode it. */
    private static final int SAMPLES = 32;

    private JsonText() {}

    /**
     * {@return the text as a JSON string, with its quotes}
     *
     * @param text any text
     */
    public static String string(String text) {
        var json = new StringBuilder();
        appendString(json, text);
        return json.toString();
    }

    /**
     * Appends the text as a JSON string, with its quotes.
     *
     * @param json the builder to append to
     * @param text any text
     */
    public static void appendString(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            append(json, text, i);
        }
        json.append('"');
    }

    /**
     * {@return the JSON text in UTF-8, with each single half of a surrogate pair escaped} In JSON, such a half can only
     * be inside a string, where escapes are allowed.
     *
     * @param json a whole JSON text; nothing else in it is checked
     */
    public static byte[] utf8(String json) {
        return escaped(json).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * {@return this text as a JSON string in UTF-8, without the quotes; null if the text has half of a surrogate pair,
     * which only an escape can express} Only the characters that must be escaped are escaped, each in its shortest
     * form.
     *
     * @param text any text
     */
    public static byte @Nullable [] escapedUtf8OrNull(String text) {
        if (text.length() >= LONG && isOftenBeyondAscii(text)) {
            return new JsonTextEncoder(text).utf8OrNull();
        }
        byte[] plain = utf8OrNull(text);
        if (plain == null) {
            return null;
        }
        int grows = 0;
        for (int i = Utf8.nextToEscape(plain, 0); i < plain.length; i = Utf8.nextToEscape(plain, i + 1)) {
            grows += shortEscape(plain[i]) == 0 ? UNIT_GROWS : 1;
        }
        return grows == 0 ? plain : withEscapes(plain, plain.length + grows);
    }

    /**
     * {@return the text in UTF-8; null if it has half of a surrogate pair, which UTF-8 cannot encode}
     *
     * @param text any text
     */
    public static byte @Nullable [] utf8OrNull(String text) {
        if (text.length() < LONG) {
            return hasHalfPair(text) ? null : text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        var letters = new String(utf8, StandardCharsets.ISO_8859_1); // the JDK handles such texts many bytes at a time
        boolean hasHalf = utf8.length == text.length()
                ? !letters.equals(text) // each half became a question mark
                : letters.indexOf('?') >= 0 && hasHalfPair(text);
        return hasHalf ? null : utf8;
    }

    /**
     * Returns true if one of a few characters of the text is not ASCII. Then it pays to encode and escape the text
     * character by character. An ASCII text is faster with the methods of the JDK, which handle many bytes at a time.
     */
    private static boolean isOftenBeyondAscii(String text) {
        int step = text.length() / SAMPLES;
        for (int i = 0; i < SAMPLES; i++) {
            if (text.charAt(i * step) >= 0x80) {
                return true;
            }
        }
        return false;
    }

    private static byte[] withEscapes(byte[] plain, int length) {
        var escaped = new byte[length];
        int to = 0;
        int from = 0;
        for (int i = Utf8.nextToEscape(plain, 0); i < plain.length; i = Utf8.nextToEscape(plain, from)) {
            System.arraycopy(plain, from, escaped, to, i - from);
            to = putEscape(plain[i], escaped, to + i - from);
            from = i + 1;
        }
        System.arraycopy(plain, from, escaped, to, plain.length - from);
        return escaped;
    }

    /** Puts the escape of an ASCII character, and returns the index after it. There must be room for six bytes. */
    static int putEscape(byte letter, byte[] to, int at) {
        to[at] = '\\';
        int brief = shortEscape(letter);
        if (brief != 0) {
            to[at + 1] = (byte) brief;
            return at + 2;
        }
        to[at + 1] = 'u';
        to[at + 2] = '0';
        to[at + 3] = '0';
        to[at + 4] = HEX[letter >> 4];
        to[at + 5] = HEX[letter & 0xf];
        return at + 1 + UNIT_GROWS;
    }

    /** Returns the character that stands for this character after a backslash, or 0 if it has no short escape. */
    private static int shortEscape(byte letter) {
        return switch (letter) {
            case '"', '\\' -> letter;
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\t' -> 't';
            case '\b' -> 'b';
            case '\f' -> 'f';
            default -> 0;
        };
    }

    /**
     * {@return the JSON text with each single half of a surrogate pair escaped; the same text if it has none}
     *
     * @param json a whole JSON text; nothing else in it is checked
     */
    public static String escaped(String json) {
        return hasHalfPair(json) ? withHalfPairsEscaped(json) : json;
    }

    /**
     * {@return whether the text has half of a surrogate pair without the other half, which no encoding of Unicode can
     * express}
     *
     * @param text any text
     */
    public static boolean hasHalfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isHalfPair(text, i)) {
                return true;
            }
        }
        return false;
    }

    private static String withHalfPairsEscaped(String json) {
        var escaped = new StringBuilder(json.length() + 16);
        for (int i = 0; i < json.length(); i++) {
            char unit = json.charAt(i);
            if (isHalfPair(json, i)) {
                escaped.append(String.format("\\u%04x", (int) unit));
            } else {
                escaped.append(unit);
            }
        }
        return escaped.toString();
    }

    private static void append(StringBuilder json, String text, int at) {
        char unit = text.charAt(at);
        int brief = unit < 0x80 ? shortEscape((byte) unit) : 0;
        if (brief != 0) {
            json.append('\\').append((char) brief);
        } else if (unit < 0x20 || isHalfPair(text, at)) {
            json.append(String.format("\\u%04x", (int) unit));
        } else {
            json.append(unit);
        }
    }

    /** Returns true if the unit at this index is half of a surrogate pair without the other half. */
    private static boolean isHalfPair(String text, int at) {
        char unit = text.charAt(at);
        if (Character.isHighSurrogate(unit)) {
            return at + 1 >= text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(unit) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
