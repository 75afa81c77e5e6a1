package dev.parley.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * A pool of direct buffers of one size, lent to the send queues of one loop while bytes wait in them. Used only on the
 * loop's thread.
 */
final class BufferPool {
    static final int BUFFER_BYTES = 16 * 1024;

    /** Kept for the next slow peer; what is lent beyond it is left to the garbage collector when it comes back. */
    private static final int KEPT_MAX = 1024;

    /** The number of buffers of one gathered write: enough to fill a socket buffer, and few enough to set up fast. */
    private static final int GATHERED_MAX = 16;

    /** The buffers of one gathered write, which a send queue fills and empties again. */
    final ByteBuffer[] gathered = new ByteBuffer[GATHERED_MAX];

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private final Supplier<ByteBuffer> allocator;
    private int lent;

    BufferPool() {
        this(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));
    }

    /** Makes a pool whose buffers, of {@link #BUFFER_BYTES} each, come from the allocator. */
    BufferPool(Supplier<ByteBuffer> allocator) {
        this.allocator = allocator;
    }

    ByteBuffer borrow() {
        ByteBuffer kept = free.pollLast();
        ByteBuffer buffer = kept != null ? kept : allocator.get();
        lent++;
        return buffer;
    }

    void giveBack(ByteBuffer buffer) {
        lent--;
        if (free.size() < KEPT_MAX) {
            free.addLast(buffer.clear());
        }
    }

    int lent() {
        return lent;
    }
}
