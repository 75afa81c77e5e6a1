package dev.parley.frame;

import dev.parley.frame.Header.Direction;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes headers that were parsed before. The next header of a connection is nearly always the same as its last one
 * except for the digits of {@code content-length} and {@code id}, so it is compared and not parsed. A header with any
 * other difference, even in white space, is parsed in full. Connections of the same program send the same headers: all
 * readers of a thread share one cache, so that a thousand connections have one header in memory and not a thousand.
 */
final class HeaderCache {
    private static final int DIGITS_MAX = 16;

    /**
     * The length of the longest header that is kept. A longer one is parsed each time, since kept for each connection
     * it would take memory from others.
     */
    static final int BYTES_MAX = 512;

    /** The headers that were parsed last, each in the place that its hash code gives; a power of two. */
    private final @Nullable KnownHeader[] recent;

    // The position of the comparison, and the number that it read last.
    private int at;
    private long number;

    /**
     * Makes an empty cache.
     *
     * @param headersMax how many headers of different connections it keeps; a power of two
     */
    HeaderCache(int headersMax) {
        recent = new KnownHeader[headersMax];
    }

    /**
     * Returns a header that was parsed in full, to be recalled by its connection; null if it must not be, as it is long
     * or a digit in it could change more than a number.
     */
    @Nullable
    KnownHeader remember(byte[] raw, int length, Direction direction, HeaderJson json, Header parsed) {
        if (length > BYTES_MAX || !json.isAscii() || parsed.others().containsKey(Header.CONTROL)) {
            return null;
        }
        if (parsed.others().containsKey("authorization")) {
            return new KnownHeader(raw, length, direction, json, parsed); // credentials go with their connection
        }
        int place = ByteBuffer.wrap(raw, 0, length).hashCode() & recent.length - 1;
        KnownHeader before = recent[place];
        if (before != null && before.is(raw, length, direction)) {
            return before;
        }
        var known = new KnownHeader(raw, length, direction, json, parsed);
        recent[place] = known;
        return known;
    }

    /** Returns the header of these bytes if they equal those of this one except for the numbers; else null. */
    @Nullable
    Header recall(@Nullable KnownHeader known, byte[] raw, int length, FrameLimits limits) {
        if (known == null) {
            return null;
        }
        if (known.is(raw, length)) {
            return known.header();
        }
        byte[] bytes = known.bytes();
        HeaderJson.Span first = known.first();
        HeaderJson.Span second = known.second();
        at = 0;
        if (!same(raw, length, bytes, 0, first.start()) || !digits(raw, length)) {
            return null;
        }
        long firstNumber = number;
        long secondNumber = 0;
        int rest = first.end();
        if (second.isThere()) {
            if (!same(raw, length, bytes, rest, second.start()) || !digits(raw, length)) {
                return null;
            }
            secondNumber = number;
            rest = second.end();
        }
        if (!same(raw, length, bytes, rest, bytes.length) || at != length) {
            return null;
        }
        boolean idFirst = known.idFirst();
        return withNumbers(known, idFirst ? secondNumber : firstNumber, idFirst ? firstNumber : secondNumber, limits);
    }

    /**
     * Returns the header with other numbers, or null if one is out of its range, which the full parser then reports.
     */
    private @Nullable Header withNumbers(KnownHeader known, long contentLength, long id, FrameLimits limits) {
        boolean hasId = known.hasId();
        if (contentLength > limits.contentBytesMax() || hasId && (id < 1 || id > Header.ID_MAX)) {
            return null;
        }
        Header header = known.header();
        return new Header(
                header.byteOrder(),
                header.contentType(),
                header.contentEncoding(),
                (int) contentLength,
                id,
                header.others());
    }

    /** Compares a part of the known header with what comes next here. */
    private boolean same(byte[] raw, int length, byte[] bytes, int from, int to) {
        int count = to - from;
        if (count > length - at || Arrays.mismatch(raw, at, at + count, bytes, from, to) >= 0) {
            return false;
        }
        at += count;
        return true;
    }

    /** Reads a whole number as JSON writes it. */
    private boolean digits(byte[] raw, int length) {
        int start = at;
        int most = Math.min(length, start + DIGITS_MAX);
        int end = start;
        long value = 0;
        while (end < most && raw[end] >= '0' && raw[end] <= '9') {
            value = value * 10 + raw[end++] - '0';
        }
        number = value;
        at = end;
        return end > start && (raw[start] != '0' || end == start + 1);
    }
}
