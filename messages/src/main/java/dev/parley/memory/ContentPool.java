package dev.parley.memory;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pool of memory for the contents of all readers of a loop. Small contents that are handled at once are lent: there
 * is one array of each length, so that a loop whose handlers respond on the loop allocates nothing for a request. What
 * an array holds is valid until the next message of that length is read. Contents of which only a part has arrived wait
 * in pieces.
 */
public final class ContentPool {
    /**
     * The length of the longest content that is lent; longer ones are rare, and their handling costs more than an
     * array.
     */
    public static final int BYTES_MAX = 4 * 1024;

    /**
     * The most bytes that the free pieces of all pools take: a sixteenth of the heap, or 16 MiB if that is less.
     * Further ones are left to the garbage collector.
     */
    public static final int FREE_BYTES_MAX =
            (int) Math.min(16L * 1024 * 1024, Runtime.getRuntime().maxMemory() / 16);

    private static final AtomicInteger FREE_PIECES = new AtomicInteger();

    /** The number of free buffers that are kept: more than are begun in one turn if no content arrives slowly. */
    private static final int GATHERED_KEPT = 64;

    private final byte[][] byLength = new byte[BYTES_MAX + 1][];
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private final ArrayDeque<ContentBuffer> gathered = new ArrayDeque<>();

    /** What the readers of this pool share besides; null before the first one asks for it. */
    private @Nullable Object shared;

    /** Makes an empty pool, for one thread. */
    public ContentPool() {}

    /**
     * {@return what the readers of this pool share besides}
     *
     * @param <T> its type
     * @param type its type, which is the same at each call
     * @param maker makes it at the first call
     */
    public <T> T shared(Class<T> type, Supplier<T> maker) {
        Object now = shared;
        if (now == null) {
            now = maker.get();
            shared = now;
        }
        return type.cast(now);
    }

    /** {@return a buffer for a content of which a part has arrived; {@link #giveBack} takes it back} */
    public ContentBuffer gather() {
        ContentBuffer free = gathered.pollLast();
        return free == null ? new ContentBuffer(this) : free;
    }

    /**
     * Takes a buffer back.
     *
     * @param content a buffer of {@link #gather}, which must not be used any more
     */
    public void giveBack(ContentBuffer content) {
        content.clear(this);
        if (gathered.size() < GATHERED_KEPT) {
            gathered.addLast(content);
        }
    }

    /** {@return the number of bytes that the free pieces of all pools take} */
    public static int freeBytes() {
        return FREE_PIECES.get() * ContentBuffer.PIECE_BYTES;
    }

    /** {@return a piece of {@link ContentBuffer#PIECE_BYTES}, with any bytes in it} */
    public byte[] borrowPiece() {
        byte[] free = pieces.pollLast();
        if (free == null) {
            return new byte[ContentBuffer.PIECE_BYTES];
        }
        FREE_PIECES.decrementAndGet();
        return free;
    }

    /**
     * Takes a piece back.
     *
     * @param piece a piece that nothing uses any more
     */
    public void giveBackPiece(byte[] piece) {
        if (freeBytes() < FREE_BYTES_MAX) {
            FREE_PIECES.incrementAndGet();
            pieces.addLast(piece);
        }
    }

    /**
     * {@return the array of this length, which is the same one at each call}
     *
     * @param length 0 to {@link #BYTES_MAX}
     */
    public byte[] ofLength(int length) {
        byte[] known = byLength[length];
        if (known == null) {
            known = new byte[length];
            byLength[length] = known;
        }
        return known;
    }

    /** Leaves all free pieces to the garbage collector, as the loop ends. */
    public void close() {
        FREE_PIECES.addAndGet(-pieces.size());
        pieces.clear();
        gathered.clear();
    }
}
