package dev.parley.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects JSON that is written piece by piece. Short pieces are copied into arrays. An array never grows: when it is
 * full, another array is used. Long pieces are kept without a copy. Used by one thread.
 */
public final class JsonOutput {
    private static final int FIRST_BYTES = 128;
    private static final int ARRAY_BYTES_MAX = 32 * 1024;

    /**
     * The minimum length of a piece that is kept without a copy. For fewer bytes, a copy costs less than to keep track
     * of their array.
     */
    private static final int KEPT_BYTES_MIN = 32 * 1024;

    /** The maximum length of a text that is checked byte by byte. Longer texts are checked many bytes at a time. */
    private static final int SHORT_LETTERS = 48;

    private static final int LONG_LENGTH_MAX = 20;

    private final List<ByteBuffer> full = new ArrayList<>(1);
    private byte[] array = new byte[FIRST_BYTES];
    private int start;
    private int count;

    /** Makes an empty output. */
    public JsonOutput() {}

    /** {@return everything that was put into this output, in order; after this call, nothing may be put any more} */
    public JoinedBytes joined() {
        cut();
        return new JoinedBytes(full.toArray(ByteBuffer[]::new));
    }

    private void cut() {
        if (count > start) {
            full.add(ByteBuffer.wrap(array, start, count - start));
            start = count;
        }
    }

    private void needRoom(int bytes) {
        if (array.length - count < bytes) {
            cut();
            array = new byte[Math.max(bytes, Math.min(ARRAY_BYTES_MAX, array.length * 2))];
            start = 0;
            count = 0;
        }
    }

    /**
     * Puts one byte.
     *
     * @param ascii an ASCII character, such as a bracket or a comma
     */
    public void put(char ascii) {
        needRoom(1);
        array[count++] = (byte) ascii;
    }

    /**
     * Puts bytes that are already JSON.
     *
     * @param piece the bytes; if there are 32 KiB or more, they are kept and not copied
     */
    public void put(byte[] piece) {
        if (piece.length >= KEPT_BYTES_MIN) {
            cut();
            full.add(ByteBuffer.wrap(piece));
            return;
        }
        needRoom(piece.length);
        System.arraycopy(piece, 0, array, count, piece.length);
        count += piece.length;
    }

    /**
     * Puts a whole number.
     *
     * @param number any number
     */
    public void putWhole(long number) {
        needRoom(LONG_LENGTH_MAX);
        putAscii(Long.toString(number));
    }

    /**
     * Puts a number.
     *
     * @param number a number that is neither infinite nor NaN
     */
    public void putFraction(double number) {
        String digits = Double.toString(number);
        needRoom(digits.length());
        putAscii(digits);
    }

    private void putAscii(String text) {
        byte[] to = array;
        int at = count;
        for (int i = 0; i < text.length(); i++) {
            to[at + i] = (byte) text.charAt(i);
        }
        count = at + text.length();
    }

    /**
     * Puts a text as a JSON string, with its quotes.
     *
     * @param text any text
     * @return false if the text has half of a surrogate pair, which only an escape can express; then nothing was put
     */
    public boolean putText(String text) {
        if (text.length() <= SHORT_LETTERS && putPlain(text.getBytes(StandardCharsets.UTF_8))) {
            return true;
        }
        byte[] escaped = JsonText.escapedUtf8OrNull(text);
        if (escaped == null) {
            return false;
        }
        put('"');
        put(escaped);
        put('"');
        return true;
    }

    /**
     * Puts a text if nothing in it needs an escape, as in nearly all short texts. Otherwise returns false. Also returns
     * false if the text has a question mark, since it may be the replacement of half a surrogate pair.
     */
    private boolean putPlain(byte[] utf8) {
        for (byte letter : utf8) {
            if (letter >= 0 && letter < ' ' || letter == '"' || letter == '\\' || letter == '?') {
                return false;
            }
        }
        needRoom(utf8.length + 2);
        byte[] to = array;
        int at = count;
        to[at] = '"';
        System.arraycopy(utf8, 0, to, at + 1, utf8.length);
        to[at + utf8.length + 1] = '"';
        count = at + utf8.length + 2;
        return true;
    }
}
