package dev.parley.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A memory cap bounds the memory that all accepted connections of some loops hold together: received bytes that were
 * not taken yet, requests in work, and bytes that wait for slow peers. It is thread-safe.
 *
 * <p>A connection is read only while it holds no more than half of what is still free. So the largest holders stop
 * growing first, however many there are, and something is always left for the others; switches share their packet
 * memory between ports in this way (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet
 * switches", 1998). A connection that holds no more than a small request or two (8 KiB, or a 4,096th of a cap below 32
 * MiB) is read in any case. As long as some connection has been paused for a second or more, the largest paused one is
 * closed with {@link CloseReason#LIMIT}, one every 100 ms. If the cap is exceeded all the same, by responses for peers
 * that do not read, the largest holders are closed at once.
 *
 * {@snippet :
 * EventLoop loop = EventLoop.builder().memory(MemoryCap.of(64 * 1024 * 1024)).start();
 * }
 */
public final class MemoryCap {
    /** A relief frees this part of the cap more than it must, so that the next one is not due at once. */
    static final int RELIEF_PART = 8;

    /** One connection may hold this part of what is free (one half), so that something is left for the next. */
    static final int PART_OF_FREE = 2;

    /** The cap of all loops that have no other. The rest of the heap is for what handlers make of the requests. */
    private static final MemoryCap SHARED = new MemoryCap(Runtime.getRuntime().maxMemory() / 8 * 3);

    /**
     * The most that may be reserved for responses: those that come together are garbage soon after, and a collector
     * should not meet gigabytes of them.
     */
    private static final long RESERVED_BYTES = 32 * 1024 * 1024;

    private final long bytesMax;
    private final long reservedBytesMax;
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicLong reservedBytes = new AtomicLong();
    private final List<Part> parts = new CopyOnWriteArrayList<>();

    /**
     * If more than this is held, loops are asked to relieve it; while a relief is under way, it is more than the cap.
     */
    private final AtomicLong reliefAboveBytes;

    /** The part of one loop under a cap. */
    interface Part {
        /** Closes, soon and on its own thread, the connections that hold most. */
        void relieveSoon();
    }

    private MemoryCap(long bytesMax) {
        this.bytesMax = bytesMax;
        reliefAboveBytes = new AtomicLong(bytesMax);
        reservedBytesMax = Math.max(bytesMax / 32, Math.min(bytesMax / 2, RESERVED_BYTES));
    }

    /** {@return the cap of all loops that are given no other: three eighths of the largest heap of this JVM} */
    public static MemoryCap shared() {
        return SHARED;
    }

    /**
     * {@return a new cap, to be given to one loop or to several}
     *
     * @param bytesMax at least 1
     * @throws IllegalArgumentException if it is less
     */
    public static MemoryCap of(long bytesMax) {
        if (bytesMax < 1) {
            throw new IllegalArgumentException("a memory cap of " + bytesMax + " bytes; it must be at least 1");
        }
        return new MemoryCap(bytesMax);
    }

    /** {@return the most that may be held} */
    public long bytesMax() {
        return bytesMax;
    }

    /** {@return the bytes that are held now; a loop reports its part at the end of each turn} */
    public long heldBytes() {
        return heldBytes.get();
    }

    /** {@return the bytes that are set aside for responses that are not there yet} */
    public long reservedBytes() {
        return reservedBytes.get();
    }

    /**
     * Sets memory aside for a response that is not there yet, if the connection would then have at most half of what is
     * free, or if nothing is set aside yet. In all, at most 32 MiB are set aside, or half of a small cap, or a 32nd of
     * a large one.
     *
     * @param bytes how much the response may take; above zero
     * @param ownBytes what the connection has already: set aside for it, or in responses that it has not taken
     * @return true if it was set aside; then the caller gives it back by {@link #release}
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
     * Sets memory aside for something that is there already, however little is free.
     *
     * @param bytes how much it takes; above zero
     */
    public void reserveAnyway(long bytes) {
        reservedBytes.addAndGet(bytes);
    }

    /**
     * Gives back what was set aside.
     *
     * @param bytes at most as much as was set aside
     */
    public void release(long bytes) {
        reservedBytes.addAndGet(-bytes);
    }

    /** Returns how many bytes of the cap are free. */
    long freeBytes() {
        return bytesMax - heldBytes.get();
    }

    // What the loops report.

    void add(Part part) {
        parts.add(part);
    }

    void remove(Part part) {
        parts.remove(part);
    }

    /** Counts what a loop's part has grown, or shrunk if negative. */
    void add(long bytes) {
        long now = heldBytes.addAndGet(bytes);
        long next = now + bytesMax / RELIEF_PART;
        long above = reliefAboveBytes.get();
        if (now > above) {
            if (reliefAboveBytes.compareAndSet(above, next)) {
                parts.forEach(Part::relieveSoon);
            }
        } else if (above > bytesMax && above > next) {
            reliefAboveBytes.compareAndSet(above, Math.max(bytesMax, next)); // what was closed has come free
        }
    }

    /** Ends a relief: what was closed has had its time to come free. */
    void reliefIsOver() {
        reliefAboveBytes.set(bytesMax);
        add(0);
    }

    @Override
    public String toString() {
        return heldBytes() + " of " + bytesMax + " bytes held";
    }
}
