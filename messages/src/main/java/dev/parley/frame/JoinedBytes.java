package dev.parley.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A content in several parts that stand in different arrays, so that it is copied once, to where it leaves, and not put
 * together before. Any thread, as long as nobody writes to the arrays.
 */
public final class JoinedBytes {
    /** To copy fewer costs less than to remember where they stand. */
    private static final int KEPT_BYTES_MIN = 1024;

    private final ByteBuffer[] parts;
    private final int length;

    /**
     * These parts, one after another.
     *
     * @param parts over arrays; kept, not copied; from each position to its limit, which nobody may change
     */
    public JoinedBytes(ByteBuffer... parts) {
        this.parts = parts;
        int sum = 0;
        for (ByteBuffer part : parts) {
            sum = Math.addExact(sum, part.remaining());
        }
        this.length = sum;
    }

    /**
     * {@return these pieces, one after another}
     *
     * @param pieces of 1,024 bytes and more in all are kept, and not copied
     */
    public static JoinedBytes of(byte[]... pieces) {
        long length = 0;
        for (byte[] piece : pieces) {
            length += piece.length;
        }
        if (length >= KEPT_BYTES_MIN) {
            return new JoinedBytes(Arrays.stream(pieces)
                    .filter(piece -> piece.length > 0)
                    .map(ByteBuffer::wrap)
                    .toArray(ByteBuffer[]::new));
        }
        var whole = new byte[(int) length];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, whole, at, piece.length);
            at += piece.length;
        }
        return new JoinedBytes(ByteBuffer.wrap(whole));
    }

    /** {@return how many bytes they are together} */
    public int length() {
        return length;
    }

    /** Copies all of them to where they leave. */
    void copy(byte[] to, int at) {
        int end = at;
        for (ByteBuffer part : parts) {
            part.get(part.position(), to, end, part.remaining());
            end += part.remaining();
        }
    }

    /** Where they stand; each has a position of its own. */
    ByteBuffer[] parts() {
        return Arrays.stream(parts).map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
    }

    /** All of them in one array, which is that of the only part if that is all of it. */
    byte[] together() {
        if (parts.length == 1 && parts[0].array().length == length) {
            return parts[0].array();
        }
        var whole = new byte[length];
        copy(whole, 0);
        return whole;
    }
}
