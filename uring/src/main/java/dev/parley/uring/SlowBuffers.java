package dev.parley.uring;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Memory for bytes that a peer does not take at once: at most one buffer for each connection, while they wait. There
 * are four lengths: what the kernel has left of a send is less than a quarter of it as often as not, and where
 * hundreds of peers do not read, their buffers are the most of what they cost. Some are kept for the next slow peer,
 * the others are freed as they come back. Used on the loop's thread alone, but for a {@link #close} before its start.
 */
final class SlowBuffers {
    /** As much as one send carries at most. */
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

    /** A copy of the bytes at an address, from the buffer's start. */
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

    /** The last bytes of connections that are closed, which nobody above counts any more, have grown or shrunk. */
    void addLast(int bytes) {
        lastBytes += bytes;
    }

    /** How much memory they take. */
    long lastBytes() {
        return lastBytes;
    }

    /** Frees those that are kept. */
    void close() {
        for (ArrayDeque<SlowBuffer> ofOneLength : free) {
            for (SlowBuffer each = ofOneLength.poll(); each != null; each = ofOneLength.poll()) {
                each.free();
            }
        }
        keptBytes = 0;
    }
}
