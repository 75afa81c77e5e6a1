package dev.parley.json;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A content in several parts that lie in different arrays, so that it is copied only once, into the output, without
 * being put together before. Any thread may use it, as long as nothing writes to the arrays.
 */
public final class JoinedBytes {
    /**
     * The least number of bytes that are kept and not copied: copying fewer costs less than keeping track of their
     * arrays.
     */
    private static final int KEPT_BYTES_MIN = 1024;

    private final ByteBuffer[] parts;
    private final int length;

    /**
     * Joins these parts, one after another.
     *
     * @param parts array-backed buffers, each from its position to its limit; they are kept, not copied, and must not
     *     change
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
     * @param pieces the pieces, which are kept and not copied if they have 1,024 bytes or more together
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

    /** {@return the total number of bytes} */
    public int length() {
        return length;
    }

    /**
     * Copies all parts into an array.
     *
     * @param to an array with room for {@link #length} bytes behind the index
     * @param at the index of the first byte
     */
    public void copy(byte[] to, int at) {
        int end = at;
        for (ByteBuffer part : parts) {
            part.get(part.position(), to, end, part.remaining());
            end += part.remaining();
        }
    }

    /** {@return the parts; each has a position of its own} */
    public ByteBuffer[] parts() {
        return Arrays.stream(parts).map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
    }

    /** {@return all parts in one array, which is the array of the only part if that part covers all of it} */
    public byte[] together() {
        if (parts.length == 1 && parts[0].array().length == length) {
            return parts[0].array();
        }
        var whole = new byte[length];
        copy(whole, 0);
        return whole;
    }
}
