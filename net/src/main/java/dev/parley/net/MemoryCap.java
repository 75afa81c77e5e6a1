package dev.parley.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A memory cap bounds the memory that all accepted connections of one or more loops hold together: for received bytes
 * that were not taken yet, for requests that are being handled, and for bytes that wait for slow peers. Other memory
 * can be counted too ({@link #take}). It is thread-safe.
 *
 * <p>A connection is read only while it holds no more than half of the memory that is still free. So the connections
 * that hold the most memory stop growing first, however many there are, and some memory is always left for the others.
 * Switches share their packet memory between ports in this way (Choudhury and Hahne, "Dynamic queue length thresholds
 * for shared-memory packet switches", 1998). A connection that holds no more than a small request or two (8 KiB, or a
 * 4,096th of a cap below 32 MiB) is always read. As long as any connection has been paused for a second or more, the
 * largest paused connection of its loop is closed with {@link CloseReason#LIMIT}, one every 100 ms. If the cap is
 * exceeded nevertheless, by responses for peers that do not read, the connections that hold the most memory are closed
 * at once.
 *
 * {@snippet :
 * EventLoop loop = EventLoop.builder().memory(MemoryCap.of(64 * 1024 * 1024)).start();
 * }
 */
public final class MemoryCap {
    /**
     * A relief, which closes connections because the cap is exceeded, frees this part of the cap (one eighth) more than
     * it must, so that the next relief is not due at once.
     */
    static final int RELIEF_PART = 8;

    /** A connection may hold this part of the free memory (one half), so that some is left for the next connection. */
    static final int PART_OF_FREE = 2;

    /**
     * The cap of all loops for which the user sets no cap. The rest of the heap is for the objects that handlers make
     * from the requests.
     */
    private static final MemoryCap SHARED = new MemoryCap(Runtime.getRuntime().maxMemory() / 8 * 3);

    /**
     * The maximum memory that may be reserved for responses, if the cap is from 64 MiB to 1 GiB. Responses that are
     * made at the same time soon become garbage, and the garbage collector should not have to collect gigabytes of
     * them.
     */
    private static final long RESERVED_BYTES = 32 * 1024 * 1024;

    private final long bytesMax;
    private final long reservedBytesMax;
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicLong reservedBytes = new AtomicLong();
    private final List<Part> parts = new CopyOnWriteArrayList<>();

    /**
     * If more bytes than this are held, the loops are asked to close connections. While they do so, the value is larger
     * than the cap.
     */
    private final AtomicLong reliefAboveBytes;

    /** The part of one loop under a cap. */
    interface Part {
        /** Soon closes the connections that hold the most memory, on the loop's own thread. */
        void relieveSoon();
    }

    private MemoryCap(long bytesMax) {
        this.bytesMax = bytesMax;
        reliefAboveBytes = new AtomicLong(bytesMax);
        reservedBytesMax = Math.max(bytesMax / 32, Math.min(bytesMax / 2, RESERVED_BYTES));
    }

    /** {@return the cap of all loops for which the user sets no cap: three eighths of the maximum heap of this JVM} */
    public static MemoryCap shared() {
        return SHARED;
    }

    /**
     * {@return a new cap, for one loop or for several loops}
     *
     * @param bytesMax the maximum memory that may be held, in bytes; at least 1
     * @throws IllegalArgumentException if {@code bytesMax} is less than 1
     */
    public static MemoryCap of(long bytesMax) {
        if (bytesMax < 1) {
            throw new IllegalArgumentException("a memory cap of " + bytesMax + " bytes; it must be at least 1");
        }
        return new MemoryCap(bytesMax);
    }

    /** {@return the maximum memory that may be held, in bytes} */
    public long bytesMax() {
        return bytesMax;
    }

    /** {@return the number of bytes that are held now; each loop updates its part at least once in a turn} */
    public long heldBytes() {
        return heldBytes.get();
    }

    /** {@return the number of bytes that are reserved, most often for responses that do not exist yet} */
    public long reservedBytes() {
        return reservedBytes.get();
    }

    /**
     * Reserves memory for a response that does not exist yet. This succeeds if nothing is reserved yet, or if the
     * connection then has at most half of the memory that can still be reserved. All reservations together are limited
     * by the free memory of the cap, and by 32 MiB (by half of a cap below 64 MiB, and by a 32nd of a cap above 1 GiB).
     *
     * @param bytes the maximum size of the response; above zero
     * @param ownBytes the memory that the connection already has: reserved for it, or in responses that its peer has
     *     not taken
     * @return true if the memory was reserved; then the caller must call {@link #release} later
     */
    public boolean reserve(long bytes, long ownBytes) {
        while (true) {
            long reserved = reservedBytes.get();
            long freeBytes = Math.min(bytesMax - heldBytes.get(), reservedBytesMax) - reserved;
            if (reserved != 0 && ownBytes + bytes > freeBytes / PART_OF_FREE) {
                return false;
            }
            if (reservedBytes.compareAndSet(reserved, reserved + bytes)) {
                return true;
            }
        }
    }

    /**
     * Reserves memory for something that already exists, even if no memory is free.
     *
     * @param bytes the size of the memory; above zero
     */
    public void reserveAnyway(long bytes) {
        reservedBytes.addAndGet(bytes);
    }

    /**
     * Gives reserved memory back.
     *
     * @param bytes the number of bytes, at most as many as are reserved
     */
    public void release(long bytes) {
        reservedBytes.addAndGet(-bytes);
    }

    /** {@return how many bytes of the cap are free; negative if more are held than it allows} */
    public long freeBytes() {
        return bytesMax - heldBytes.get();
    }

    /**
     * Counts memory that is held outside of all connections, even if none is free.
     *
     * @param bytes the size of the memory, 0 or more; then the caller must call {@link #giveBack} later
     * @throws IllegalArgumentException if the size is negative
     */
    public void take(long bytes) {
        add(checked(bytes));
    }

    /**
     * Counts memory no more that {@link #take} has counted.
     *
     * @param bytes the size of the memory, 0 or more
     * @throws IllegalArgumentException if the size is negative
     */
    public void giveBack(long bytes) {
        add(-checked(bytes));
    }

    private static long checked(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size of " + bytes + " bytes; it must be 0 or more");
        }
        return bytes;
    }

    // Called by the loops.

    void add(Part part) {
        parts.add(part);
    }

    void remove(Part part) {
        parts.remove(part);
    }

    /** Adds the bytes by which a loop's part has grown; a negative number means that it has shrunk. */
    void add(long bytes) {
        long now = heldBytes.addAndGet(bytes);
        long next = now + bytesMax / RELIEF_PART;
        long above = reliefAboveBytes.get();
        if (now > above) {
            if (reliefAboveBytes.compareAndSet(above, next)) {
                parts.forEach(Part::relieveSoon);
            }
        } else if (above > bytesMax && above > next) {
            reliefAboveBytes.compareAndSet(above, Math.max(bytesMax, next)); // connections have closed and freed memory
        }
    }

    /** Ends a relief: the memory of the closed connections has had time to come free. */
    void reliefIsOver() {
        reliefAboveBytes.set(bytesMax);
        add(0);
    }

    @Override
    public String toString() {
        return heldBytes() + " of " + bytesMax + " bytes held";
    }
}
