package dev.parley.frame;

import dev.parley.frame.Header.Direction;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes headers that were parsed before. The next header of a connection nearly always differs from its last
 * header only in the digits of {@code content-length} and {@code id}. So it is compared with the last header, and not
 * parsed. A header with any other difference, even in white space, is parsed in full. Peers that run the same program
 * send the same headers. So all readers of a thread share one cache: a thousand connections then have one header in
 * memory, and not a thousand.
 */
final class HeaderCache {
    private static final int DIGITS_MAX = 16;

    /**
     * The maximum length of a header that is kept, in bytes. A longer header is parsed each time: if each connection
     * kept a long header, it would take too much memory.
     */
    static final int BYTES_MAX = 512;

    /**
     * The headers that were parsed last. The last bits of a header's hash code are its index, so the length of this
     * array is a power of two.
     */
    private final @Nullable KnownHeader[] recent;

    // The position of the comparison in the received header, and the number that was read last.
    private int at;
    private long number;

    /**
     * Makes an empty cache.
     *
     * @param headersMax the maximum number of headers that it keeps; a power of two
     */
    HeaderCache(int headersMax) {
        recent = new KnownHeader[headersMax];
    }

    /**
     * Keeps a header that was parsed in full, and returns it for {@link #recall}. Returns null if the header must not
     * be recalled: because it is too long, is not ASCII, or is a control, in which numbers other than {@code
     * content-length} and {@code id} may change.
     */
    @Nullable
    KnownHeader remember(byte[] raw, int length, Direction direction, HeaderJson json, Header parsed) {
        if (length > BYTES_MAX || !json.isAscii() || parsed.others().containsKey(Header.CONTROL)) {
            return null;
        }
        if (parsed.others().containsKey(Header.AUTHORIZATION)) {
            return new KnownHeader(raw, length, direction, json, parsed); // not shared: it has credentials
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

    /**
     * Returns the header of these bytes without parsing it, if the bytes differ from those of the known header only in
     * the values of {@code content-length} and {@code id}. Otherwise returns null.
     */
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
     * Returns the known header with these numbers instead of its own. Returns null if one of these numbers is out of
     * its range; the full parser then reports the error.
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

    /**
     * Compares a part of the known header with the next bytes of the received header, and moves past them if they are
     * equal.
     */
    private boolean same(byte[] raw, int length, byte[] bytes, int from, int to) {
        int count = to - from;
        if (count > length - at || Arrays.mismatch(raw, at, at + count, bytes, from, to) >= 0) {
            return false;
        }
        at += count;
        return true;
    }

    /** Reads a whole number in the syntax of JSON. */
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
