package dev.parley.uring;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Memory for bytes that a peer does not take at once: at most one buffer for each connection, while they wait. There
 * are three lengths: what the kernel has left of a send is less than a quarter of it as often as not, and where
 * hundreds of peers do not read, their buffers are the most of what they cost.
 */
final class SlowBuffers {
    /** As much as one send carries at most. */
    static final int BYTES = 64 * 1024;

    private static final int SHORTEST_BYTES = 16 * 1024;
    private static final int KEPT_BYTES_MAX = 4 * 1024 * 1024;

    private final List<ArrayDeque<ByteBuffer>> free =
            List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
    private int keptBytes;

    /** A copy of the bytes at an address, from the buffer's start. */
    ByteBuffer holding(long address, int count) {
        ByteBuffer buffer = borrow(count);
        buffer.clear().limit(count);
        Memory.copy(address, Memory.addressOf(buffer), count);
        return buffer;
    }

    private ByteBuffer borrow(int count) {
        int bytes = SHORTEST_BYTES;
        while (bytes < count) {
            bytes *= 2;
        }
        ByteBuffer kept = freeOf(bytes).pollLast();
        if (kept == null) {
            return ByteBuffer.allocateDirect(bytes);
        }
        keptBytes -= bytes;
        return kept;
    }

    private ArrayDeque<ByteBuffer> freeOf(int bytes) {
        return free.get(Integer.numberOfTrailingZeros(bytes / SHORTEST_BYTES));
    }

    void giveBack(ByteBuffer buffer) {
        if (keptBytes + buffer.capacity() <= KEPT_BYTES_MAX) {
            keptBytes += buffer.capacity();
            freeOf(buffer.capacity()).addLast(buffer);
        }
    }
}
