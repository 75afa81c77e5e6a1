package dev.parley.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A buffer for a content that has arrived only in part. It consists of pieces of a fixed length, which are used again
 * for other contents. So even if many contents arrive slowly, or are never completed, the garbage collector has nothing
 * to do. (If an array were enlarged step by step instead, the garbage would be as large as the content.) Each byte is
 * copied once into a piece, and once out of it.
 */
public final class ContentBuffer {
    /**
     * The size of a piece in bytes. It is also the maximum memory that a buffer takes in addition to the bytes that
     * have arrived. Together with the objects of the buffer, this is less than the 4 KiB that the documentation
     * promises.
     */
    public static final int PIECE_BYTES = 2 * 1024;

    private final @Nullable ContentPool memory;
    private final List<byte[]> pieces = new ArrayList<>();
    private int count;

    /**
     * Makes an empty buffer.
     *
     * @param memory the pool from which the pieces are taken; null to allocate each piece
     */
    public ContentBuffer(@Nullable ContentPool memory) {
        this.memory = memory;
    }

    /** {@return the number of bytes that have arrived} */
    public int count() {
        return count;
    }

    /** {@return the size of the memory that the pieces take, in bytes} */
    public int heldBytes() {
        return pieces.size() * PIECE_BYTES;
    }

    /**
     * Takes bytes that have arrived.
     *
     * @param bytes bytes of the content; the position moves by {@code length}
     * @param length the number of bytes to take
     */
    public void add(ByteBuffer bytes, int length) {
        int left = length;
        while (left > 0) {
            int at = count % PIECE_BYTES;
            if (at == 0) {
                pieces.add(memory == null ? new byte[PIECE_BYTES] : memory.borrowPiece());
            }
            int some = Math.min(left, PIECE_BYTES - at);
            bytes.get(pieces.getLast(), at, some);
            count += some;
            left -= some;
        }
    }

    /**
     * Copies all bytes that have arrived to the beginning of an array.
     *
     * @param whole an array with room for {@link #count} bytes
     */
    public void copyTo(byte[] whole) {
        int at = 0;
        for (byte[] piece : pieces) {
            int some = Math.min(count - at, PIECE_BYTES);
            System.arraycopy(piece, 0, whole, at, some);
            at += some;
        }
    }

    /** Gives the pieces back to their pool, so that the buffer is empty and can be used for another content. */
    void clear(ContentPool from) {
        pieces.forEach(from::giveBackPiece);
        pieces.clear();
        count = 0;
    }
}
