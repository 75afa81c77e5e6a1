package dev.parley.frame;

import dev.parley.memory.ContentPool;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the readers of one thread share. A reader needs it only during a read, so one is enough for all
 * readers of the thread. With hundreds of connections, memory that is used for each message of any connection stays in
 * the processor's caches; memory of each connection's own would not. A reader that does not lend frames has a {@code
 * ReaderMemory} of its own.
 */
final class ReaderMemory {
    private static final int HEADERS_MAX = 64;

    private final byte[] header = new byte[HeaderCache.BYTES_MAX];
    private final HeaderCache headers;
    private final FrameReader.@Nullable Whole[] lent;

    private ReaderMemory(int headersMax, int lentMax) {
        headers = new HeaderCache(headersMax);
        lent = new FrameReader.Whole[lentMax];
    }

    /**
     * Returns the memory of all readers that use this pool. If the pool is null, returns new memory for a single
     * reader.
     */
    static ReaderMemory of(@Nullable ContentPool pool) {
        return pool == null
                ? new ReaderMemory(1, 0)
                : pool.shared(ReaderMemory.class, () -> new ReaderMemory(HEADERS_MAX, ContentPool.BYTES_MAX + 1));
    }

    /**
     * Returns the array for a header that has arrived as a whole, and has at most {@link HeaderCache#BYTES_MAX} bytes.
     */
    byte[] header() {
        return header;
    }

    HeaderCache headers() {
        return headers;
    }

    /**
     * Lends a message. Nearly always, the last message with a content of this length has the same header. Then the
     * objects of that message are returned again.
     */
    @SuppressWarnings("ReferenceEquality") // checks for the same objects, not for equal ones
    FrameReader.Whole lend(Header of, byte[] content) {
        FrameReader.Whole last = lent[content.length];
        if (last != null && last.frame().header() == of && last.frame().content() == content) {
            last.frame().renew();
            return last;
        }
        var whole = new FrameReader.Whole(new Frame(of, content, true));
        lent[content.length] = whole;
        return whole;
    }
}
