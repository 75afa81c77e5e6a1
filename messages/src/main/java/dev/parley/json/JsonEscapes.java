package dev.parley.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Decodes the escapes in a JSON string (RFC 8259, section 7) that is given as bytes. Any thread may use it. */
final class JsonEscapes {
    private static final int UNICODE_LENGTH = 6;

    /** The value of each hexadecimal digit; negative for any other byte. */
    private static final byte[] DIGITS = digits();

    private JsonEscapes() {}

    /** Returns the length of the escape that starts at this backslash, or 0 if it is not a valid escape. */
    static int lengthAt(byte[] json, int at, int end) {
        if (at + 1 >= end) {
            return 0;
        }
        return switch (json[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> 2;
            case 'u' -> at <= end - UNICODE_LENGTH && unitAt(json, at) >= 0 ? UNICODE_LENGTH : 0;
            default -> 0;
        };
    }

    /**
     * Returns the UTF-16 unit for which the four hexadecimal digits of an escape stand, or a negative number if they
     * are not hexadecimal digits.
     */
    private static int unitAt(byte[] json, int at) {
        int unit = 0;
        for (int i = at + 2; i < at + UNICODE_LENGTH; i++) {
            unit = unit << 4 | DIGITS[json[i] & 0xff];
        }
        return unit;
    }

    private static byte[] digits() {
        var digits = new byte[256];
        Arrays.fill(digits, (byte) -1);
        for (char digit : "0123456789abcdefABCDEF".toCharArray()) {
            digits[digit] = (byte) Character.digit(digit, 16);
        }
        return digits;
    }

    /** Returns the decoded text between two quotes. The text must have been checked before. */
    static String text(byte[] json, int start, int end) {
        var text = new byte[end - start]; // long enough, since no character in UTF-8 is longer than its escape
        int length = 0;
        int at = start;
        while (at < end) {
            int plain = at;
            while (at < end && json[at] != '\\') {
                at++;
            }
            System.arraycopy(json, plain, text, length, at - plain);
            length += at - plain;
            for (; at < end && json[at] == '\\'; at += lengthAt(json, at, end)) {
                int character = characterAt(json, at, end);
                if (character < 0) {
                    return textWithHalfPair(json, start, end);
                }
                at += Character.isSupplementaryCodePoint(character) ? UNICODE_LENGTH : 0;
                length = Utf8.put(character, text, length);
            }
        }
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }

    /**
     * Returns the character of one escape, or of two escapes that form a surrogate pair. Returns a negative number if
     * the escape is only half of a surrogate pair.
     */
    private static int characterAt(byte[] json, int at, int end) {
        char unit = meaning(json, at);
        if (!Character.isSurrogate(unit)) {
            return unit;
        }
        int next = at + UNICODE_LENGTH;
        boolean hasNext =
                Character.isHighSurrogate(unit) && next + 1 < end && json[next] == '\\' && json[next + 1] == 'u';
        char low = hasNext ? meaning(json, next) : 0;
        return Character.isLowSurrogate(low) ? Character.toCodePoint(unit, low) : -1;
    }

    /**
     * Returns the decoded text if it has half of a surrogate pair. A Java string can contain such a half, but UTF-8
     * cannot encode it.
     */
    private static String textWithHalfPair(byte[] json, int start, int end) {
        var text = new StringBuilder(end - start);
        int at = start;
        while (at < end) {
            int plain = at;
            while (at < end && json[at] != '\\') {
                at++;
            }
            text.append(new String(json, plain, at - plain, StandardCharsets.UTF_8));
            for (; at < end && json[at] == '\\'; at += lengthAt(json, at, end)) {
                text.append(meaning(json, at));
            }
        }
        return text.toString();
    }

    private static char meaning(byte[] json, int at) {
        return switch (json[at + 1]) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) unitAt(json, at);
            default -> (char) json[at + 1];
        };
    }
}
