package dev.parley.frame;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A content of which a part has come, in pieces of one length. Where many come slowly, or are never completed, their
 * pieces serve one after the other, and leave the collector nothing to do; an array that grows would leave as much as
 * has come. Each byte is copied once into a piece, and once out of it.
 */
final class ContentBuffer {
    /** No more is taken than this beyond what has come; with what keeps it, less than the 4 KiB that are promised. */
    static final int PIECE_BYTES = 2 * 1024;

    private final @Nullable ContentPool memory;
    private final List<byte[]> pieces = new ArrayList<>();
    private int count;

    /** With pieces of a thread's; null for ones of its own. */
    ContentBuffer(@Nullable ContentPool memory) {
        this.memory = memory;
    }

    /** How many bytes have come. */
    int count() {
        return count;
    }

    /** How much memory they take. */
    int heldBytes() {
        return pieces.size() * PIECE_BYTES;
    }

    void add(ByteBuffer bytes, int length) {
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

    /** All that has come, to the front of an array. */
    void copyTo(byte[] whole) {
        int at = 0;
        for (byte[] piece : pieces) {
            int some = Math.min(count - at, PIECE_BYTES);
            System.arraycopy(piece, 0, whole, at, some);
            at += some;
        }
    }

    /** Gives the pieces back to where they are from; what is added next is another content. */
    void clear(ContentPool from) {
        pieces.forEach(from::giveBackPiece);
        pieces.clear();
        count = 0;
    }
}
