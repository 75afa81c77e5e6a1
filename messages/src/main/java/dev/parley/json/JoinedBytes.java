package dev.parley.json;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A content in several parts, which are in different arrays. The parts are not joined in one array first, so the
 * content is copied only once, into the output. Any thread may use it, as long as nothing writes to the arrays.
 */
public final class JoinedBytes {
    /**
     * The minimum number of bytes that are kept without a copy. For fewer bytes, a copy costs less than to keep track
     * of their arrays.
     */
    private static final int KEPT_BYTES_MIN = 1024;

    private final ByteBuffer[] parts;
    private final int length;

    /** All bytes in one array; null before they are first needed in this form. */
    private volatile byte @Nullable [] whole;

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
     * @param pieces the pieces; if they have 1,024 bytes or more in total, they are kept and not copied
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
     * @param to an array with room for {@link #length} bytes from the index on
     * @param at the index in the array at which the first byte is stored
     */
    public void copy(byte[] to, int at) {
        int end = at;
        for (ByteBuffer part : parts) {
            part.get(part.position(), to, end, part.remaining());
            end += part.remaining();
        }
    }

    /** {@return new buffers for the parts, each with a position of its own} */
    public ByteBuffer[] parts() {
        return Arrays.stream(parts).map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
    }

    /**
     * {@return all bytes in one array, which is kept for the next call; if there is only one part, and it covers its
     * whole array, that array itself}
     */
    public byte[] together() {
        if (parts.length == 1 && parts[0].array().length == length) {
            return parts[0].array();
        }
        byte[] before = whole;
        if (before != null) {
            return before;
        }
        var made = new byte[length];
        copy(made, 0);
        whole = made;
        return made;
    }
}
