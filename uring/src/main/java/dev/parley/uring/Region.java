package dev.parley.uring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Memory outside of the heap, counted by a {@link DirectMemory}, that {@link #close} frees at once, all of it. */
final class Region implements AutoCloseable {
    private final DirectMemory memory;
    private final Arena arena;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * To be closed by its owner.
     *
     * @param arenas where its arena comes from
     */
    Region(DirectMemory memory, Supplier<Arena> arenas) {
        this.memory = memory;
        arena = arenas.get();
        memory.opened();
    }

    /**
     * Takes more of it, all zeros.
     *
     * @throws OutOfMemoryError when the bound is reached, or the system has no more; nothing is taken then
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

    /** The same, as a buffer. */
    ByteBuffer buffer(int count) {
        return allocate(count, Long.BYTES).asByteBuffer();
    }

    /** For what is too small to be counted. */
    Arena arena() {
        return arena;
    }

    /** Whatever still points into it fails from here on; once. */
    @Override
    public void close() {
        arena.close();
        memory.closed(bytes.getAndSet(0));
    }
}
