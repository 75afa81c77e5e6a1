package dev.parley.frame;

import dev.parley.memory.ContentPool;
import org.jspecify.annotations.Nullable;

/**
 * What the readers of one thread share, since each of them needs it only while it reads. What is used for each message
 * of any connection stays in the processor's caches; what each connection has of its own does not, if there are
 * hundreds of them. A reader that lends nothing has one of its own.
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

    /** Returns the memory of the readers that use this pool, or one for a single reader. */
    static ReaderMemory of(@Nullable ContentPool pool) {
        return pool == null
                ? new ReaderMemory(1, 0)
                : pool.shared(ReaderMemory.class, () -> new ReaderMemory(HEADERS_MAX, ContentPool.BYTES_MAX + 1));
    }

    /** Returns the array for a header of at most {@link HeaderCache#BYTES_MAX} that has arrived whole. */
    byte[] header() {
        return header;
    }

    HeaderCache headers() {
        return headers;
    }

    /**
     * Lends a message. Nearly always its header is that of the last message of this length, so its objects are used
     * again.
     */
    @SuppressWarnings("ReferenceEquality") // the same objects, not equal ones
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
