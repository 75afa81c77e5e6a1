package dev.parley.uring;

import java.util.ArrayDeque;
import java.util.List;

/**
 * A pool of buffers for bytes that a peer does not take at once. A connection has at most one such buffer, while its
 * bytes wait. Buffers have one of four lengths, to save memory: about half of the time, the kernel leaves less than a
 * quarter of a send, so a short buffer is enough. If hundreds of peers do not read, most of the memory that they cost
 * is in these buffers. Up to 4 MiB of free buffers are kept for the next slow peer; further buffers are freed when they
 * are given back. Used only on the loop's thread, except that {@link #close} may be called before this thread starts.
 */
final class SlowBuffers {
    /** The maximum number of bytes of one send. */
    static final int BYTES = 128 * 1024;

    private static final int SHORTEST_BYTES = 16 * 1024;
    private static final int KEPT_BYTES_MAX = 4 * 1024 * 1024;

    private final DirectMemory memory;
    private final List<ArrayDeque<SlowBuffer>> free =
            List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
    private int keptBytes;
    private long lastBytes;

    SlowBuffers(DirectMemory memory) {
        this.memory = memory;
    }

    /** Returns a buffer with a copy of the bytes at an address. The copy begins at the start of the buffer. */
    SlowBuffer holding(long address, int count) {
        SlowBuffer buffer = borrow(count);
        buffer.bytes().clear().limit(count);
        NativeMemory.copy(address, NativeMemory.addressOf(buffer.bytes()), count);
        return buffer;
    }

    SlowBuffer borrow(int count) {
        int bytes = SHORTEST_BYTES;
        while (bytes < count) {
            bytes *= 2;
        }
        SlowBuffer kept = freeOf(bytes).pollLast();
        if (kept == null) {
            return new SlowBuffer(memory.ownRegion(), bytes);
        }
        keptBytes -= bytes;
        return kept;
    }

    private ArrayDeque<SlowBuffer> freeOf(int bytes) {
        return free.get(Integer.numberOfTrailingZeros(bytes / SHORTEST_BYTES));
    }

    void giveBack(SlowBuffer buffer) {
        if (keptBytes + buffer.capacity() <= KEPT_BYTES_MAX) {
            keptBytes += buffer.capacity();
            freeOf(buffer.capacity()).addLast(buffer);
        } else {
            buffer.free();
        }
    }

    /**
     * Records that the memory for the last bytes of closed connections has grown by this number of bytes, or has shrunk
     * if the number is negative. The layer above no longer counts this memory.
     */
    void addLast(int bytes) {
        lastBytes += bytes;
    }

    /** Returns the size of the memory for the last bytes of closed connections. */
    long lastBytes() {
        return lastBytes;
    }

    /** Frees the free buffers of the pool. */
    void close() {
        for (ArrayDeque<SlowBuffer> ofOneLength : free) {
            for (SlowBuffer each = ofOneLength.poll(); each != null; each = ofOneLength.poll()) {
                each.free();
            }
        }
        keptBytes = 0;
    }
}
