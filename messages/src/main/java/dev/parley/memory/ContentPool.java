package dev.parley.memory;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pool of memory for the contents of all readers of a loop. Small contents are lent: for each length there is one
 * array, which all contents of this length use one after another. So if the handlers respond on the loop, nothing is
 * allocated for a request. The content in an array is only valid until the next content of the same length is read. If
 * only a part of a content has arrived, the part waits in a {@link ContentBuffer}. One thread uses a pool.
 */
public final class ContentPool {
    /**
     * The maximum length of a content that is lent, in bytes. Longer contents are rare, and to handle them costs more
     * than to allocate an array.
     */
    public static final int BYTES_MAX = 4 * 1024;

    /**
     * The maximum number of bytes of the free pieces of all pools: a sixteenth of the maximum heap, but at most 16 MiB.
     * Further pieces are left to the garbage collector.
     */
    public static final int FREE_BYTES_MAX =
            (int) Math.min(16L * 1024 * 1024, Runtime.getRuntime().maxMemory() / 16);

    private static final AtomicInteger FREE_PIECES = new AtomicInteger();

    /**
     * The maximum number of free buffers that are kept. It is larger than the number of buffers that one turn usually
     * needs.
     */
    private static final int GATHERED_KEPT = 64;

    private final byte[][] byLength = new byte[BYTES_MAX + 1][];
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private final ArrayDeque<ContentBuffer> gathered = new ArrayDeque<>();

    /** The object that {@link #shared(Class, Supplier)} returns; null before its first call. */
    private @Nullable Object shared;

    /** Makes an empty pool, for one thread. */
    public ContentPool() {}

    /**
     * {@return an object that all readers of this pool share}
     *
     * @param <T> its type
     * @param type the type of the object, which must be the same at each call
     * @param maker creates the object at the first call
     */
    public <T> T shared(Class<T> type, Supplier<T> maker) {
        Object now = shared;
        if (now == null) {
            now = maker.get();
            shared = now;
        }
        return type.cast(now);
    }

    /** {@return an empty buffer for a content of which a part has arrived; pass it to {@link #giveBack} afterwards} */
    public ContentBuffer gather() {
        ContentBuffer free = gathered.pollLast();
        return free == null ? new ContentBuffer(this) : free;
    }

    /**
     * Takes a buffer back.
     *
     * @param content a buffer that {@link #gather} returned; it must not be used after this call
     */
    public void giveBack(ContentBuffer content) {
        content.clear(this);
        if (gathered.size() < GATHERED_KEPT) {
            gathered.addLast(content);
        }
    }

    /** {@return the total number of bytes of the free pieces of all pools} */
    public static int freeBytes() {
        return FREE_PIECES.get() * ContentBuffer.PIECE_BYTES;
    }

    /** {@return an array of {@link ContentBuffer#PIECE_BYTES} bytes, which may have any content} */
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

    /** Leaves all free pieces to the garbage collector. Called when the loop ends. */
    public void close() {
        FREE_PIECES.addAndGet(-pieces.size());
        pieces.clear();
        gathered.clear();
    }
}
