package dev.parley.uring;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Memory for bytes that a peer does not take at once: at most one buffer for each connection, while they wait. */
final class SlowBuffers {
    /** As much as one send carries at most. */
    static final int BYTES = 64 * 1024;

    private static final int KEPT_MAX = 64;

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    /** A copy of the bytes at an address, from the buffer's start. */
    ByteBuffer holding(long address, int count) {
        ByteBuffer kept = free.pollLast();
        ByteBuffer buffer = kept == null ? ByteBuffer.allocateDirect(BYTES) : kept;
        buffer.clear().limit(count);
        Memory.copy(address, Memory.addressOf(buffer), count);
        return buffer;
    }

    void giveBack(ByteBuffer buffer) {
        if (free.size() < KEPT_MAX) {
            free.addLast(buffer);
        }
    }
}
