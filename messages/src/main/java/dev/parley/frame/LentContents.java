package dev.parley.frame;

import java.util.ArrayDeque;

/**
 * Arrays for small contents that are handled at once: one of each length, for all readers of a thread, so that a loop
 * whose handlers answer on the loop allocates nothing for a request. What is in one is valid until the next message of
 * that length is read.
 */
public final class LentContents {
    /** Longer ones are rare, and their handling costs more than an array. */
    static final int BYTES_MAX = 4 * 1024;

    private static final ThreadLocal<LentContents> OF_THREAD = ThreadLocal.withInitial(LentContents::new);

    private static final int PIECES_KEPT = 64;

    private final byte[][] byLength = new byte[BYTES_MAX + 1][];
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();

    private LentContents() {}

    /** {@return those of the calling thread, which is that of a loop} */
    public static LentContents ofThisThread() {
        return OF_THREAD.get();
    }

    /** Room for a content of at most {@link #BYTES_MAX} that comes in pieces. */
    byte[] borrow() {
        byte[] free = pieces.pollLast();
        return free == null ? new byte[BYTES_MAX] : free;
    }

    /** What {@link #borrow} gave is free for the next. */
    void giveBack(byte[] piece) {
        if (pieces.size() < PIECES_KEPT) {
            pieces.addLast(piece);
        }
    }

    /** The array of this length, which is at most {@link #BYTES_MAX}. */
    byte[] ofLength(int length) {
        byte[] known = byLength[length];
        if (known == null) {
            known = new byte[length];
            byLength[length] = known;
        }
        return known;
    }
}
