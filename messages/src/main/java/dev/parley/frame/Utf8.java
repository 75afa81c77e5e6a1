package dev.parley.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks at UTF-8 (RFC 3629) as bytes, several at a time. Any thread. */
final class Utf8 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHS = 0x8080_8080_8080_8080L;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    private static final long SPACES = ' ' * ONES;

    // Two letters of three bytes each, in the low six bytes of a long.
    private static final long THREES = 0xc0c0_f0c0_c0f0L;
    private static final long ARE_THREES = 0x8080_e080_80e0L;

    private Utf8() {}

    static long longAt(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    /** Has the high bit of each byte that ends plain text; of the bytes above the lowest such one it says nothing. */
    private static long endsOfPlain(long word) {
        return ((word ^ QUOTES) - ONES | (word ^ BACKSLASHES) - ONES | word - SPACES | word) & HIGHS;
    }

    /** The index of the first byte that is a quote, a backslash, a control character or not ASCII; else the end. */
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

    /** Passes over 32 plain bytes at a time, which pays where texts are long. */
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
     * Passes over the characters beyond ASCII.
     *
     * @return the index of the first byte of ASCII after them, or the end; the complement of the index where they are
     *     not UTF-8
     */
    static int beyondAsciiEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] < 0) {
            if (at <= end - Long.BYTES && areThrees(longAt(bytes, at))) {
                at += 6;
                continue;
            }
            int length = lengthAt(bytes, at, end);
            if (length == 0) {
                return ~at;
            }
            at += length;
        }
        return at;
    }

    /** Two letters of three bytes that start neither with 0xe0 nor with 0xed, of which some are not allowed. */
    private static boolean areThrees(long word) {
        return (word & THREES) == ARE_THREES && isSafeLead((int) word & 0x0f) && isSafeLead((int) (word >>> 24) & 0x0f);
    }

    private static boolean isSafeLead(int low) {
        return low != 0 && low != 0x0d;
    }

    /** How many bytes the character has that starts here, which is not ASCII; 0 if it is none. */
    private static int lengthAt(byte[] bytes, int at, int end) {
        int lead = bytes[at] & 0xff;
        int length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
        if (length == 0 || at > end - length) {
            return 0;
        }
        int second = bytes[at + 1] & 0xff;
        int lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        int highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        boolean isOne = second >= lowest && second <= highest;
        for (int i = at + 2; i < at + length; i++) {
            isOne &= (bytes[i] & 0xc0) == 0x80;
        }
        return isOne ? length : 0;
    }
}
