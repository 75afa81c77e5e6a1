package dev.parley.net.tls;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for records, encrypted or not, which the connections of a loop share. A connection takes one for the time of
 * a call, so an idle connection holds none. The loop's thread uses them, and threads that write blocking.
 */
final class RecordBuffers {
    /** A record in a TLS engine of the JDK needs less: 16,384 bytes, a header, and what encryption adds. */
    private static final int RECORD_BYTES = 17 * 1024;

    /** The sizes: for one record, for a few in one call of the system, and for what arrives at once. */
    private static final List<Size> SIZES =
            List.of(new Size(RECORD_BYTES, 8), new Size(4 * RECORD_BYTES, 4), new Size(10 * RECORD_BYTES, 3));

    /**
     * One size of buffers.
     *
     * @param bytes how many bytes a buffer has
     * @param keptMax how many are kept: enough for the loop's thread, and some that write at the same time
     */
    private record Size(int bytes, int keptMax) {}

    /** The buffers of each size that are free. */
    private final List<Deque<ByteBuffer>> kept =
            SIZES.stream().<Deque<ByteBuffer>>map(_ -> new ArrayDeque<>()).toList();

    /** Returns an empty buffer on the heap, of at least this many bytes. */
    ByteBuffer take(int bytes) {
        for (int i = 0; i < SIZES.size(); i++) {
            if (bytes <= SIZES.get(i).bytes()) {
                ByteBuffer free = poll(kept.get(i));
                return free == null
                        ? ByteBuffer.allocate(SIZES.get(i).bytes())
                        : free.clear().order(ByteOrder.BIG_ENDIAN);
            }
        }
        return ByteBuffer.allocate(bytes);
    }

    private static @Nullable ByteBuffer poll(Deque<ByteBuffer> from) {
        synchronized (from) {
            return from.poll();
        }
    }

    /** Takes a buffer back, whose content is no longer needed. */
    void give(ByteBuffer used) {
        for (int i = 0; i < SIZES.size(); i++) {
            if (used.capacity() == SIZES.get(i).bytes()) {
                Deque<ByteBuffer> to = kept.get(i);
                synchronized (to) {
                    if (to.size() < SIZES.get(i).keptMax()) {
                        to.push(used);
                    }
                }
            }
        }
    }
}
