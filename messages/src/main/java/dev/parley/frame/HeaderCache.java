package dev.parley.frame;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the last header of a connection. The next one is nearly always the same except for the digits of {@code
 * content-length} and {@code id}, so it is compared and not parsed. A header with any other difference, even in white
 * space, is parsed in full.
 */
final class HeaderCache {
    private static final int DIGITS_MAX = 16;

    /**
     * The length of the longest header that is kept. A longer one is parsed each time, since kept for each connection
     * it would take memory from others.
     */
    static final int BYTES_MAX = 512;

    private static final byte[] NONE = {};

    private byte[] bytes = NONE;
    private HeaderJson.Span first = HeaderJson.Span.NONE;
    private HeaderJson.Span second = HeaderJson.Span.NONE;
    private boolean idFirst;
    private @Nullable Header header;

    // The position of the comparison, and the number that it read last.
    private int at;
    private long number;

    /** Keeps a header that was parsed in full, unless a digit in it could change more than a number. */
    void remember(byte[] raw, int length, HeaderJson json, Header parsed) {
        HeaderJson.Span contentLength = json.contentLengthSpan();
        HeaderJson.Span id = json.idSpan();
        if (length > BYTES_MAX || !json.isAscii() || parsed.others().containsKey(Header.CONTROL)) {
            header = null;
            bytes = NONE;
            return;
        }
        bytes = Arrays.copyOf(raw, length);
        header = parsed;
        idFirst = id.isThere() && id.start() < contentLength.start();
        first = idFirst ? id : contentLength;
        second = idFirst ? contentLength : id;
    }

    /** Returns the header of these bytes if they equal those of the last one except for the numbers; else null. */
    @Nullable
    Header recall(byte[] raw, int length, FrameLimits limits) {
        Header known = header;
        if (known != null && length == bytes.length && Arrays.mismatch(raw, 0, length, bytes, 0, length) < 0) {
            return known;
        }
        at = 0;
        if (known == null || !same(raw, length, 0, first.start()) || !digits(raw, length)) {
            return null;
        }
        long firstNumber = number;
        long secondNumber = 0;
        int rest = first.end();
        if (second.isThere()) {
            if (!same(raw, length, rest, second.start()) || !digits(raw, length)) {
                return null;
            }
            secondNumber = number;
            rest = second.end();
        }
        if (!same(raw, length, rest, bytes.length) || at != length) {
            return null;
        }
        return withNumbers(known, idFirst ? secondNumber : firstNumber, idFirst ? firstNumber : secondNumber, limits);
    }

    /**
     * Returns the header with other numbers, or null if one is out of its range, which the full parser then reports.
     */
    private @Nullable Header withNumbers(Header known, long contentLength, long id, FrameLimits limits) {
        boolean hasId = second.isThere();
        if (contentLength > limits.contentBytesMax() || hasId && (id < 1 || id > Header.ID_MAX)) {
            return null;
        }
        return new Header(
                known.byteOrder(),
                known.contentType(),
                known.contentEncoding(),
                (int) contentLength,
                id,
                known.others());
    }

    /** Compares a part of the last header with what comes next here. */
    private boolean same(byte[] raw, int length, int from, int to) {
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
