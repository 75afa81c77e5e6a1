package dev.parley.frame;

import dev.parley.frame.Header.Direction;
import java.util.Arrays;

/**
 * A header that was parsed, with its bytes, so that an equal header need not be parsed again. Immutable. The
 * connections of a thread share it if their headers are equal.
 */
final class KnownHeader {
    private final byte[] bytes;
    private final Direction direction;
    private final Header header;

    /** The position of the number that comes first: {@code content-length} or {@code id}. */
    private final HeaderJson.Span first;

    /** The position of the number that comes second; {@link HeaderJson.Span#NONE} if the header has no id. */
    private final HeaderJson.Span second;

    private final boolean idFirst;

    /**
     * Makes a known header from the bytes of a header, which are copied, and from the results of parsing these bytes
     * for this direction.
     */
    KnownHeader(byte[] raw, int length, Direction direction, HeaderJson json, Header header) {
        HeaderJson.Span contentLength = json.contentLengthSpan();
        HeaderJson.Span id = json.idSpan();
        this.bytes = Arrays.copyOf(raw, length);
        this.direction = direction;
        this.header = header;
        idFirst = id.isThere() && id.start() < contentLength.start();
        first = idFirst ? id : contentLength;
        second = idFirst ? contentLength : id;
    }

    /** Returns the bytes of the header as they were on the wire. The array is not a copy. */
    byte[] bytes() {
        return bytes;
    }

    Header header() {
        return header;
    }

    HeaderJson.Span first() {
        return first;
    }

    HeaderJson.Span second() {
        return second;
    }

    boolean idFirst() {
        return idFirst;
    }

    boolean hasId() {
        return second.isThere();
    }

    /** Returns true if this header has these bytes, and was parsed for this direction. */
    boolean is(byte[] raw, int length, Direction where) {
        return direction == where && is(raw, length);
    }

    /** Returns true if this header has these bytes. */
    boolean is(byte[] raw, int length) {
        return length == bytes.length && Arrays.mismatch(raw, 0, length, bytes, 0, length) < 0;
    }
}
