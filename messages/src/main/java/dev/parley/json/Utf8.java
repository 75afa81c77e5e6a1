package dev.parley.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Examines UTF-8 (RFC 3629), several bytes at a time. Any thread may use it. */
final class Utf8 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHS = 0x8080_8080_8080_8080L;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    private static final long SPACES = ' ' * ONES;

    private Utf8() {}

    static long longAt(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    static boolean areAscii(long word) {
        return (word & HIGHS) == 0;
    }

    /** Returns true if one of the eight bytes is a backslash. */
    static boolean hasBackslash(long word) {
        return backslashes(word) != 0;
    }

    /** Returns 0 if none of the eight bytes is a backslash. */
    static long backslashes(long word) {
        long other = word ^ BACKSLASHES;
        return other - ONES & ~other & HIGHS;
    }

    /**
     * Returns a word in which the high bit of a byte is set if the byte ends plain text: a quote, a backslash, a
     * control character, or a byte outside ASCII. Only the lowest set bit is reliable.
     */
    private static long endsOfPlain(long word) {
        return ((word ^ QUOTES) - ONES | (word ^ BACKSLASHES) - ONES | word - SPACES | word) & HIGHS;
    }

    /**
     * Returns the index of the first byte that must be escaped in a JSON string, or the length if there is no such
     * byte: a quote, a backslash or a control character. Bytes outside ASCII are skipped.
     */
    static int nextToEscape(byte[] bytes, int from) {
        int end = bytes.length;
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            long word = longAt(bytes, at);
            long hits = ((word ^ QUOTES) - ONES | (word ^ BACKSLASHES) - ONES | word - SPACES) & ~word & HIGHS;
            if (hits != 0) {
                return at + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
        }
        while (at < end && (bytes[at] < 0 || bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\')) {
            at++;
        }
        return at;
    }

    /**
     * Returns the index of the first byte that is a quote, a backslash, a control character or not ASCII, or {@code
     * end} if there is no such byte.
     */
    static int plainEnd(byte[] bytes, int from, int end) {
        int at = from;
        for (int words = 0; words < 4; words++, at += Long.BYTES) {
            if (at > end - Long.BYTES) {
                return plainEndByByte(bytes, at, end);
            }
            long ends = endsOfPlain(longAt(bytes, at));
            if (ends != 0) {
                return at + (Long.numberOfTrailingZeros(ends) >>> 3);
            }
        }
        at = longPlainEnd(bytes, at, end);
        while (at <= end - Long.BYTES) {
            long ends = endsOfPlain(longAt(bytes, at));
            if (ends != 0) {
                return at + (Long.numberOfTrailingZeros(ends) >>> 3);
            }
            at += Long.BYTES;
        }
        return plainEndByByte(bytes, at, end);
    }

    /** Skips 32 plain bytes at a time, which is faster if texts are long. */
    private static int longPlainEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at <= end - 4 * Long.BYTES) {
            long ends = endsOfPlain(longAt(bytes, at))
                    | endsOfPlain(longAt(bytes, at + Long.BYTES))
                    | endsOfPlain(longAt(bytes, at + 2 * Long.BYTES))
                    | endsOfPlain(longAt(bytes, at + 3 * Long.BYTES));
            if (ends != 0) {
                return at;
            }
            at += 4 * Long.BYTES;
        }
        return at;
    }

    private static int plainEndByByte(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }

    /**
     * Puts a character, and returns the index after it. There must be room for four bytes.
     *
     * @param character a code point that is not half of a surrogate pair
     */
    static int put(int character, byte[] to, int at) {
        if (character < 0x80) {
            to[at] = (byte) character;
            return at + 1;
        } else if (character < 0x800) {
            to[at] = (byte) (0xc0 | character >> 6);
            to[at + 1] = (byte) (0x80 | character & 0x3f);
            return at + 2;
        } else if (character < 0x10000) {
            to[at] = (byte) (0xe0 | character >> 12);
            to[at + 1] = (byte) (0x80 | character >> 6 & 0x3f);
            to[at + 2] = (byte) (0x80 | character & 0x3f);
            return at + 3;
        }
        to[at] = (byte) (0xf0 | character >> 18);
        to[at + 1] = (byte) (0x80 | character >> 12 & 0x3f);
        to[at + 2] = (byte) (0x80 | character >> 6 & 0x3f);
        to[at + 3] = (byte) (0x80 | character & 0x3f);
        return at + 4;
    }
}
