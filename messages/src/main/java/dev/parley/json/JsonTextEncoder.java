package dev.parley.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a text in UTF-8 and escapes it for a JSON string, in one pass over its characters. For long texts of which
 * many characters are not ASCII. Used by one thread, once.
 */
final class JsonTextEncoder {
    private static final int PIECE_CHARS = 256;
    private static final int ESCAPE_BYTES_MAX = 6;

    /** For each ASCII character, whether it must be escaped. */
    private static final boolean[] ESCAPED = escaped();

    private final String text;
    private final char[] piece;
    private byte[] utf8;
    private int count;

    JsonTextEncoder(String text) {
        this.text = text;
        piece = new char[Math.min(PIECE_CHARS, text.length())];
        utf8 = new byte[text.length() + text.length() / 2 + piece.length * ESCAPE_BYTES_MAX];
    }

    private static boolean[] escaped() {
        var escaped = new boolean[0x80];
        Arrays.fill(escaped, 0, ' ', true);
        escaped['"'] = true;
        escaped['\\'] = true;
        return escaped;
    }

    /** Returns the bytes, or null if the text has half of a surrogate pair. */
    byte @Nullable [] utf8OrNull() {
        for (int from = 0; from < text.length(); ) {
            int length = Math.min(piece.length, text.length() - from);
            if (from + length < text.length() && Character.isHighSurrogate(text.charAt(from + length - 1))) {
                length--; // a pair must not be divided
            }
            text.getChars(from, from + length, piece, 0);
            needRoom(length * ESCAPE_BYTES_MAX);
            if (!putPiece(length)) {
                return null;
            }
            from += length;
        }
        return Arrays.copyOf(utf8, count);
    }

    private void needRoom(int bytes) {
        if (utf8.length - count < bytes) {
            utf8 = Arrays.copyOf(utf8, utf8.length + utf8.length / 2 + bytes);
        }
    }

    /** Puts the characters of the piece. Returns false if one of them is half of a surrogate pair. */
    private boolean putPiece(int length) {
        char[] from = piece;
        byte[] to = utf8;
        int at = count;
        for (int i = 0; i < length; i++) {
            char unit = from[i];
            if (unit < 0x80 && ESCAPED[unit]) {
                at = JsonText.putEscape((byte) unit, to, at);
            } else if (!Character.isSurrogate(unit)) {
                at = Utf8.put(unit, to, at);
            } else if (i + 1 < length && Character.isSurrogatePair(unit, from[i + 1])) {
                at = Utf8.put(Character.toCodePoint(unit, from[++i]), to, at);
            } else {
                return false;
            }
        }
        count = at;
        return true;
    }
}
