package dev.parley.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A content of which a part has arrived, in pieces of one length. If many contents arrive slowly, or are never
 * completed, they use the same pieces one after another, and leave the garbage collector nothing to do; an array that
 * grows would leave as much garbage as has arrived. Each byte is copied once into a piece, and once out of it.
 */
public final class ContentBuffer {
    /**
     * The size of a piece, and so the most memory that is taken beyond what has arrived; with the objects that keep it,
     * less than the 4 KiB that are promised.
     */
    public static final int PIECE_BYTES = 2 * 1024;

    private final @Nullable ContentPool memory;
    private final List<byte[]> pieces = new ArrayList<>();
    private int count;

    /**
     * Makes an empty buffer.
     *
     * @param memory the pool of its pieces; null if each piece is allocated
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
     * @param bytes bytes of the content; the position moves by the length
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
     * Copies all that has arrived to the front of an array.
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

    /** Gives the pieces back to their pool; bytes that are added next belong to another content. */
    void clear(ContentPool from) {
        pieces.forEach(from::giveBackPiece);
        pieces.clear();
        count = 0;
    }
}
