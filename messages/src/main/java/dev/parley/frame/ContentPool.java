package dev.parley.frame;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pool of memory for the contents of all readers of a thread. Small contents that are handled at once are lent: there
 * is one array of each length, so that a loop whose handlers respond on the loop allocates nothing for a request. What
 * an array holds is valid until the next message of that length is read. Contents of which only a part has arrived wait
 * in pieces.
 */
public final class ContentPool {
    /**
     * The length of the longest content that is lent; longer ones are rare, and their handling costs more than an
     * array.
     */
    static final int BYTES_MAX = 4 * 1024;

    private static final ThreadLocal<ContentPool> OF_THREAD = ThreadLocal.withInitial(ContentPool::new);

    /**
     * The most bytes that the free pieces of all threads take: a sixteenth of the heap, or 16 MiB if that is less.
     * Further ones are left to the garbage collector.
     */
    static final int FREE_BYTES_MAX =
            (int) Math.min(16L * 1024 * 1024, Runtime.getRuntime().maxMemory() / 16);

    private static final AtomicInteger FREE_PIECES = new AtomicInteger();

    /** The number of free buffers that are kept: more than are begun in one turn if no content arrives slowly. */
    private static final int GATHERED_KEPT = 64;

    private final byte[][] byLength = new byte[BYTES_MAX + 1][];
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private final ArrayDeque<ContentBuffer> gathered = new ArrayDeque<>();

    private ContentPool() {}

    /** {@return the pool of the calling thread, which is a loop's thread} */
    public static ContentPool ofThisThread() {
        return OF_THREAD.get();
    }

    /** Returns a buffer for a content of which a part has arrived; {@link #giveBack} takes it back. */
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

    /** Returns the number of bytes that the free pieces of all threads take. */
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

    /** Returns the array of this length, which is at most {@link #BYTES_MAX}. */
    byte[] ofLength(int length) {
        byte[] known = byLength[length];
        if (known == null) {
            known = new byte[length];
            byLength[length] = known;
        }
        return known;
    }
}
