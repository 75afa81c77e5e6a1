package dev.parley.uring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A region of memory outside of the heap, whose size a {@link DirectMemory} counts. {@link #close} frees all of it at
 * once.
 */
final class Region implements AutoCloseable {
    private final DirectMemory memory;
    private final Arena arena;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * Creates a region, which its owner must close.
     *
     * @param arenas creates the arena of the region
     */
    Region(DirectMemory memory, Supplier<Arena> arenas) {
        this.memory = memory;
        arena = arenas.get();
        memory.opened();
    }

    /**
     * Allocates memory, which is filled with zeros.
     *
     * @throws OutOfMemoryError if the limit is reached, or the system has no more memory; in this case nothing is
     *     allocated
     */
    MemorySegment allocate(long count, long alignmentBytes) {
        memory.take(count);
        bytes.addAndGet(count);
        try {
            return arena.allocate(count, alignmentBytes);
        } catch (OutOfMemoryError | IllegalStateException e) {
            bytes.addAndGet(-count);
            memory.take(-count);
            throw e;
        }
    }

    /** Allocates memory as a buffer. */
    ByteBuffer buffer(int count) {
        return allocate(count, Long.BYTES).asByteBuffer();
    }

    /** Returns the arena, for memory that is too small to be counted. */
    Arena arena() {
        return arena;
    }

    /** Frees the memory. Every later access to it fails. Called only once. */
    @Override
    public void close() {
        arena.close();
        memory.closed(bytes.getAndSet(0));
    }
}
