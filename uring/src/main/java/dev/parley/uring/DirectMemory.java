package dev.parley.uring;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory outside of the heap some loops take together: counted, bounded, and freed by hand, so that it is free
 * when a loop or a connection ends, whether or not a collection follows. Any thread.
 */
final class DirectMemory {
    private static final String BYTES_MAX_PROPERTY = "dev.parley.uring.memoryBytesMax";

    /** That of all loops of this process: as much as the heap may take, as the JVM has it for its own buffers. */
    private static final DirectMemory SHARED = new DirectMemory(
            Long.getLong(BYTES_MAX_PROPERTY, Runtime.getRuntime().maxMemory()));

    private final long bytesMax;
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicInteger openRegions = new AtomicInteger();

    DirectMemory(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    static DirectMemory shared() {
        return SHARED;
    }

    /** Memory that any thread may use, and close. */
    Region sharedRegion() {
        return new Region(this, Arena::ofShared);
    }

    /** Memory that the calling thread alone may use, and close, which costs less. */
    Region ownRegion() {
        return new Region(this, Arena::ofConfined);
    }

    long heldBytes() {
        return heldBytes.get();
    }

    int openRegions() {
        return openRegions.get();
    }

    // What the regions tell.

    void opened() {
        openRegions.incrementAndGet();
    }

    /** Counts what is about to be allocated. */
    void take(long bytes) {
        long held = heldBytes.addAndGet(bytes);
        if (held > bytesMax) {
            heldBytes.addAndGet(-bytes);
            throw new OutOfMemoryError(bytes + " bytes more than " + (held - bytes) + ", of at most " + bytesMax
                    + " that io_uring may take outside of the heap; raise -Xmx or -D" + BYTES_MAX_PROPERTY);
        }
    }

    void closed(long bytes) {
        heldBytes.addAndGet(-bytes);
        openRegions.decrementAndGet();
    }
}
