package dev.parley.frame;

import dev.parley.frame.Header.Direction;
import java.util.Arrays;

/**
 * A header that was parsed, with its bytes, so that an equal one need not be parsed again. Immutable, and shared by all
 * connections of a thread whose headers are equal.
 */
final class KnownHeader {
    private final byte[] bytes;
    private final Direction direction;
    private final Header header;

    /** The digits of {@code content-length}, or those of {@code id} if these come first. */
    private final HeaderJson.Span first;

    /** The digits of the other number. */
    private final HeaderJson.Span second;

    private final boolean idFirst;

    /** Makes it of the bytes of a header, which are copied, and of what parsing them for this direction has found. */
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

    /** Returns the header as it was on the wire; not a copy. */
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

    /** Returns true if it has these bytes, and was parsed for this direction. */
    boolean is(byte[] raw, int length, Direction where) {
        return direction == where && is(raw, length);
    }

    /** Returns true if it has these bytes. */
    boolean is(byte[] raw, int length) {
        return length == bytes.length && Arrays.mismatch(raw, 0, length, bytes, 0, length) < 0;
    }
}
