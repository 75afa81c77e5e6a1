package dev.parley.uring;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts and limits the memory outside of the heap that a group of loops takes together. The memory is freed explicitly
 * when a loop or a connection ends, and does not wait for a garbage collection. Any thread may use it.
 */
final class DirectMemory {
    private static final String BYTES_MAX_PROPERTY = "dev.parley.uring.memoryBytesMax";

    /**
     * The account of all loops of this process. Its default limit is the maximum size of the heap, as for the JVM's own
     * direct buffers.
     */
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

    /** Returns a region that any thread may use and close. */
    Region sharedRegion() {
        return new Region(this, Arena::ofShared);
    }

    /** Returns a region that only the calling thread may use and close. It costs less than a shared region. */
    Region ownRegion() {
        return new Region(this, Arena::ofConfined);
    }

    long heldBytes() {
        return heldBytes.get();
    }

    int openRegions() {
        return openRegions.get();
    }

    // Called by the regions.

    void opened() {
        openRegions.incrementAndGet();
    }

    /**
     * Counts bytes that are about to be allocated. If the total would exceed the limit, throws {@link
     * OutOfMemoryError}, and counts nothing.
     */
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
