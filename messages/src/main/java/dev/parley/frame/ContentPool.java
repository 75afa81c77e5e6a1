package dev.parley.frame;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory for contents, of all readers of a thread. Small ones that are handled at once are lent: there is one array of
 * each length, so that a loop whose handlers answer on the loop allocates nothing for a request; what is in one is
 * valid until the next message of that length is read. Contents of which a part has come wait in pieces.
 */
public final class ContentPool {
    /** Longer ones are rare, and their handling costs more than an array. */
    static final int BYTES_MAX = 4 * 1024;

    private static final ThreadLocal<ContentPool> OF_THREAD = ThreadLocal.withInitial(ContentPool::new);

    /** Of all threads: beyond a sixteenth of the heap, or 16 MiB, free pieces are the collector's. */
    static final int FREE_BYTES_MAX =
            (int) Math.min(16L * 1024 * 1024, Runtime.getRuntime().maxMemory() / 16);

    private static final AtomicInteger FREE_PIECES = new AtomicInteger();

    /** More than are begun in one turn, where no content comes slowly. */
    private static final int GATHERED_KEPT = 64;

    private final byte[][] byLength = new byte[BYTES_MAX + 1][];
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private final ArrayDeque<ContentBuffer> gathered = new ArrayDeque<>();

    private ContentPool() {}

    /** {@return those of the calling thread, which is that of a loop} */
    public static ContentPool ofThisThread() {
        return OF_THREAD.get();
    }

    /** For a content of which a part has come; {@link #giveBack} when it is over. */
    ContentBuffer gather() {
        ContentBuffer free = gathered.pollLast();
        return free == null ? new ContentBuffer(this) : free;
    }

    void giveBack(ContentBuffer content) {
        content.clear(this);
        if (gathered.size() < GATHERED_KEPT) {
            gathered.addLast(content);
        }
    }

    /** What the free pieces of all threads take. */
    static int freeBytes() {
        return FREE_PIECES.get() * ContentBuffer.PIECE_BYTES;
    }

    byte[] borrowPiece() {
        byte[] free = pieces.pollLast();
        if (free == null) {
            return new byte[ContentBuffer.PIECE_BYTES];
        }
        FREE_PIECES.decrementAndGet();
        return free;
    }

    void giveBackPiece(byte[] piece) {
        if (freeBytes() < FREE_BYTES_MAX) {
            FREE_PIECES.incrementAndGet();
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
