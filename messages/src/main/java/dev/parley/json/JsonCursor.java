package dev.parley.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Walks from value to value over JSON in which a {@link JsonScan} has found no fault. It relies on that scan, and
 * checks nothing again. Used by one thread.
 *
 * {@snippet :
 * byte[] json = "{\"prices\": [1, 2.50]}".getBytes(StandardCharsets.UTF_8);
 * JsonCursor cursor = JsonScan.of(json, JsonScan.DEPTH_MAX, Integer.MAX_VALUE).cursorOrNull("prices");
 * for (boolean more = cursor.enter(); more; more = cursor.next()) {
 *     Double price = cursor.fractionOrNull();
 * }
 * }
 */
public final class JsonCursor {
    /** The number of decimal digits that always fit into a long. */
    private static final int LONG_DIGITS = 18;

    /** The maximum number of digits with which every whole number is a double without rounding. */
    private static final int EXACT_DIGITS = 15;

    /**
     * The maximum length of a number that is read as a double. A number of this length has more digits than a double
     * has.
     */
    private static final int DOUBLE_LENGTH_MAX = 25;

    /** The number of characters of Base64 that encode three bytes. */
    private static final int BASE64_GROUP = 4;

    /** Powers of ten that are doubles without rounding. */
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private final byte[] json;

    /** The end of a long plain text if it is known; otherwise negative. */
    private final int plainTextEnd;

    private int at;

    /**
     * Makes a cursor at the value that starts here.
     *
     * @param plainTextEnd the index of the closing quote if the value is an ASCII text without escapes; otherwise
     *     negative
     */
    JsonCursor(byte[] json, int at, int plainTextEnd) {
        this.json = json;
        this.at = at;
        this.plainTextEnd = plainTextEnd;
    }

    /** {@return the first byte of the value at the cursor, such as a quote or an opening bracket} */
    public int first() {
        return json[at];
    }

    /**
     * Enters the array or object at the cursor.
     *
     * @return true if it is not empty, and the cursor is at its first item; false if it is empty, and the cursor is
     *     past its end
     */
    public boolean enter() {
        int closing = json[at] + 2; // the code of a closing bracket is that of its opening bracket plus two
        at++;
        skipSpace();
        if (json[at] != closing) {
            return true;
        }
        at++;
        return false;
    }

    /**
     * Moves past the comma or the end that follows a value in an array or object.
     *
     * @return true if another item follows, and the cursor is at it; false if the cursor is past the end
     */
    public boolean next() {
        skipSpace();
        boolean isMore = json[at] == ',';
        at++;
        if (isMore) {
            skipSpace();
        }
        return isMore;
    }

    /**
     * Moves from a member's name to its value, if the name is spelled exactly like this one.
     *
     * @param name the name with its quotes
     * @return whether it is spelled like this
     */
    public boolean isNamed(byte[] name) {
        int end = at + name.length;
        if (end > json.length || !Arrays.equals(json, at, end, name, 0, name.length)) {
            return false;
        }
        at = end;
        toValue();
        return true;
    }

    /**
     * Moves from a member's name to its value, without comparing the name.
     *
     * @return whether the name contains an escape; if so, it may be the escaped form of any name
     */
    public boolean skipName() {
        int start = at;
        skipText();
        boolean hasEscape = hasEscape(start, at);
        toValue();
        return hasEscape;
    }

    private boolean hasEscape(int start, int end) {
        for (int i = start; i < end; i++) {
            if (json[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    /** Moves from a member's name to its value, and returns whether the decoded name is this one, in UTF-8. */
    boolean skipNameIs(byte[] name) {
        int start = at + 1;
        skipText();
        int end = at - 1;
        boolean isSame = hasEscape(start, end)
                ? Arrays.equals(JsonEscapes.text(json, start, end).getBytes(StandardCharsets.UTF_8), name)
                : Arrays.equals(json, start, end, name, 0, name.length);
        toValue();
        return isSame;
    }

    /** Returns the index of the next byte. */
    int at() {
        return at;
    }

    private void toValue() {
        skipSpace();
        at++; // the colon
        skipSpace();
    }

    /** Moves past the value at the cursor. */
    public void skip() {
        int depth = 0;
        do {
            switch (json[at]) {
                case '"' -> skipText();
                case '{', '[' -> {
                    depth++;
                    at++;
                }
                case '}', ']' -> {
                    depth--;
                    at++;
                }
                case ',', ':', ' ', '\n', '\r', '\t' -> at++;
                default -> skipWord();
            }
        } while (depth > 0);
    }

    private void skipText() {
        at++;
        while (json[at] != '"') {
            at = Utf8.plainEnd(json, at, json.length);
            if (json[at] == '\\') {
                at += 2;
            }
            while (json[at] < 0) {
                at++;
            }
        }
        at++;
    }

    /** Moves past a number, or past {@code true}, {@code false} or {@code null}. */
    private void skipWord() {
        while (at < json.length && isOfWord(json[at])) {
            at++;
        }
    }

    private static boolean isOfWord(byte letter) {
        return letter >= '0' && letter <= '9'
                || letter >= 'a' && letter <= 'z'
                || letter == '-'
                || letter == '+'
                || letter == '.'
                || letter == 'E';
    }

    private void skipSpace() {
        while (at < json.length && json[at] <= ' ') {
            at++;
        }
    }

    private int plainEnd(int start) {
        return plainTextEnd > start ? plainTextEnd : Utf8.plainEnd(json, start, json.length);
    }

    // Values. Each method moves past the value that it returns; if it returns null, the cursor cannot be used any more.

    /** {@return the text; null if the value is not a text} */
    public @Nullable String textOrNull() {
        if (json[at] != '"') {
            return null;
        }
        int start = at + 1;
        int end = plainEnd(start);
        if (json[end] == '"') {
            at = end + 1;
            return new String(json, start, end - start, StandardCharsets.ISO_8859_1);
        }
        skipText();
        return JsonEscapes.text(json, start, at - 1);
    }

    /**
     * {@return the value as a whole number; null if the value is not a number, if it is written with a fraction or an
     * exponent, or if it has more than 18 digits}
     */
    public @Nullable Long wholeOrNull() {
        int first = json[at] == '-' ? at + 1 : at;
        int i = first;
        long whole = 0;
        while (i < json.length && json[i] >= '0' && json[i] <= '9') {
            whole = whole * 10 + json[i] - '0';
            i++;
        }
        boolean isWhole = i > first && i - first <= LONG_DIGITS && (i == json.length || !isOfWord(json[i]));
        if (!isWhole) {
            return null;
        }
        boolean isNegative = first > at;
        at = i;
        return isNegative ? -whole : whole;
    }

    /**
     * {@return the double nearest to the number; null if the value is not a number, if it is longer than 25 characters,
     * or if its double would be infinite; also null if its double would be zero but the number is not a plain zero,
     * such as {@code -0} or an underflow}
     */
    public @Nullable Double fractionOrNull() {
        int start = at;
        if (json[start] != '-' && (json[start] < '0' || json[start] > '9')) {
            return null;
        }
        Double exact = exactOrNull();
        if (exact != null) {
            return exact;
        }
        at = start;
        skipWord();
        if (at - start > DOUBLE_LENGTH_MAX) {
            return null;
        }
        double number = Double.parseDouble(new String(json, start, at - start, StandardCharsets.ISO_8859_1));
        return Double.isInfinite(number) || number == 0 ? null : (Double) number;
    }

    /**
     * Returns the double nearest to a short number without an exponent; null for any other number. The digits, and the
     * power of ten by which they are divided, are both doubles without rounding. So only the quotient is rounded, and
     * it is the nearest double (W. D. Clinger, How to read floating point numbers accurately).
     */
    private @Nullable Double exactOrNull() {
        boolean isNegative = json[at] == '-';
        int first = isNegative ? at + 1 : at;
        int point = -1;
        long digits = 0;
        int i = first;
        for (; i < json.length && i - first <= EXACT_DIGITS; i++) { // the digits, and one more character for a point
            if (json[i] == '.') {
                point = i;
            } else if (json[i] >= '0' && json[i] <= '9') {
                digits = digits * 10 + json[i] - '0';
            } else {
                break;
            }
        }
        boolean isLong = i < json.length && isOfWord(json[i]) || point < 0 && i - first > EXACT_DIGITS;
        if (isLong || digits == 0 && isNegative) {
            return null;
        }
        at = i;
        double number = digits / POWERS[point < 0 ? 0 : i - point - 1];
        return isNegative ? -number : number;
    }

    /** {@return the truth value; null if the value is neither true nor false} */
    public @Nullable Boolean truthOrNull() {
        int first = json[at];
        if (first != 't' && first != 'f') {
            return null;
        }
        at += first == 't' ? 4 : 5;
        return first == 't';
    }

    /**
     * {@return the bytes that the text encodes in Base64 (RFC 4648, section 4), padded and without line ends; null if
     * the value is anything else}
     */
    public byte @Nullable [] base64OrNull() {
        if (json[at] != '"') {
            return null;
        }
        int start = at + 1;
        int end = plainEnd(start);
        if (json[end] != '"' || (end - start) % BASE64_GROUP != 0) {
            return null;
        }
        at = end + 1;
        try {
            ByteBuffer bytes = Base64.getDecoder().decode(ByteBuffer.wrap(json, start, end - start));
            return bytes.remaining() == bytes.array().length ? bytes.array() : null;
        } catch (IllegalArgumentException isOther) {
            return null;
        }
    }
}
