package dev.parley.net.tls;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Buffers for one record each, encrypted or not, which the connections of a loop share. A connection takes one for the
 * time of a call, so an idle connection holds none. The loop's thread uses it, and threads that write blocking.
 */
final class RecordBuffers {
    /** Enough for the loop's thread and a few that write at the same time. */
    private static final int KEPT_MAX = 8;

    /** A record in a TLS engine of the JDK needs less: 16,384 bytes, a header, and what encryption adds. */
    private static final int BYTES = 17 * 1024;

    /** For a few records in one call of the system. */
    private static final int LARGE_BYTES = 4 * BYTES;

    private final Deque<ByteBuffer> kept = new ArrayDeque<>();
    private final Deque<ByteBuffer> keptLarge = new ArrayDeque<>();

    /** Returns an empty buffer of at least this many bytes. */
    ByteBuffer take(int bytes) {
        if (bytes > LARGE_BYTES) {
            return ByteBuffer.allocate(bytes);
        }
        return bytes > BYTES ? take(keptLarge, LARGE_BYTES) : take(kept, BYTES);
    }

    private static ByteBuffer take(Deque<ByteBuffer> from, int bytes) {
        ByteBuffer free;
        synchronized (from) {
            free = from.poll();
        }
        return free == null ? ByteBuffer.allocate(bytes) : free.clear().order(ByteOrder.BIG_ENDIAN);
    }

    /** Takes a buffer back, whose content is no longer needed. */
    void give(ByteBuffer used) {
        if (used.capacity() == BYTES) {
            give(kept, used);
        } else if (used.capacity() == LARGE_BYTES) {
            give(keptLarge, used);
        }
    }

    private static void give(Deque<ByteBuffer> to, ByteBuffer used) {
        synchronized (to) {
            if (to.size() < KEPT_MAX) {
                to.push(used);
            }
        }
    }
}
