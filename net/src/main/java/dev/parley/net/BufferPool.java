package dev.parley.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * A pool of direct buffers of one size. The send queues of one loop borrow the buffers while bytes wait in them. Used
 * only on the loop's thread.
 */
final class BufferPool {
    static final int BUFFER_BYTES = 16 * 1024;

    /**
     * The maximum number of free buffers that the pool keeps. A buffer that is given back when the pool is full is left
     * to the garbage collector.
     */
    private static final int KEPT_MAX = 1024;

    /**
     * The maximum number of buffers of one gathered write: enough to fill a socket buffer, and few enough to set up
     * fast.
     */
    private static final int GATHERED_MAX = 16;

    /**
     * The array for the buffers of one gathered write. A send queue sets its elements before the write, and clears them
     * afterwards.
     */
    final ByteBuffer[] gathered = new ByteBuffer[GATHERED_MAX];

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private final Supplier<ByteBuffer> allocator;
    private int lent;

    BufferPool() {
        this(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));
    }

    /** Creates a pool that gets its buffers from the allocator, each of {@link #BUFFER_BYTES}. */
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
