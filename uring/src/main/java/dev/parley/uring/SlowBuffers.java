package dev.parley.uring;

import java.util.ArrayDeque;
import java.util.List;

/**
 * A pool of memory for bytes that a peer does not take at once: at most one buffer for each connection, while they
 * wait. There are four lengths, since what the kernel leaves of a send is as often as not less than a quarter of it,
 * and if hundreds of peers do not read, their buffers are most of what those peers cost. Some buffers are kept for the
 * next slow peer, the others are freed as they come back. Used on the loop's thread only, except for a {@link #close}
 * before its start.
 */
final class SlowBuffers {
    /** The largest number of bytes that one send carries. */
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

    /** Returns a buffer with a copy of the bytes at an address, from the buffer's start. */
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
     * Adds to the memory of last bytes, which belong to closed connections and are no longer counted by the layer
     * above; negative when it shrinks.
     */
    void addLast(int bytes) {
        lastBytes += bytes;
    }

    /** Returns the size of the memory that the last bytes take. */
    long lastBytes() {
        return lastBytes;
    }

    /** Frees the buffers that are kept. */
    void close() {
        for (ArrayDeque<SlowBuffer> ofOneLength : free) {
            for (SlowBuffer each = ofOneLength.poll(); each != null; each = ofOneLength.poll()) {
                each.free();
            }
        }
        keptBytes = 0;
    }
}
