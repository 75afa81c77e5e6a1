package dev.parley.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory all accepted connections of some loops may hold together: bytes received that nobody has taken,
 * requests in work, and bytes that wait for slow peers. Any thread.
 *
 * <p>A connection is read on only while it holds less than half of what is still free. So the largest holders stop
 * growing first, however many there are, and something is always left for the others; switches share their packet
 * memory between ports in this way (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet
 * switches", 1998). Who holds no more than a small request or two, 8 KiB, or a 4,096th of a cap below 32 MiB, is read
 * in any case. While one has been paused for a second, the largest of those that are is closed with {@link
 * CloseReason#LIMIT}, one in 100 ms. Where the cap is exceeded all the same, by answers for peers that do not read, the
 * largest holders are closed at once.
 *
 * {@snippet :
 * EventLoop loop = EventLoop.builder().memory(MemoryCap.of(64 * 1024 * 1024)).start();
 * }
 */
public final class MemoryCap {
    /** A relief frees this part of the cap more than it must, so that the next one is not due at once. */
    static final int RELIEF_PART = 8;

    /** Of what is free, one connection may hold so much, so that something is left for the next. */
    static final int PART_OF_FREE = 2;

    /** Handlers have the rest of the heap, for what they make of it. */
    private static final MemoryCap SHARED = new MemoryCap(Runtime.getRuntime().maxMemory() / 8 * 3);

    /** Answers that come at once are garbage soon after: a collector should not meet gigabytes of them. */
    private static final long RESERVED_BYTES = 32 * 1024 * 1024;

    private final long bytesMax;
    private final long reservedBytesMax;
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicLong reservedBytes = new AtomicLong();
    private final List<Part> parts = new CopyOnWriteArrayList<>();

    /** From here on loops are asked to relieve: above the cap while a relief is under way. */
    private final AtomicLong reliefAboveBytes;

    /** What one loop holds under a cap. */
    interface Part {
        /** Closes, soon and on its own thread, the connections that hold most. */
        void relieveSoon();
    }

    private MemoryCap(long bytesMax) {
        this.bytesMax = bytesMax;
        reliefAboveBytes = new AtomicLong(bytesMax);
        reservedBytesMax = Math.max(bytesMax / 32, Math.min(bytesMax / 2, RESERVED_BYTES));
    }

    /** {@return that of all loops which are given no other: three eighths of the largest heap of this JVM} */
    public static MemoryCap shared() {
        return SHARED;
    }

    /**
     * {@return a cap of its own, to be given to one loop or several}
     *
     * @param bytesMax at least 1
     * @throws IllegalArgumentException when it is less
     */
    public static MemoryCap of(long bytesMax) {
        if (bytesMax < 1) {
            throw new IllegalArgumentException("a memory cap of " + bytesMax + " bytes; at least 1");
        }
        return new MemoryCap(bytesMax);
    }

    /** {@return the most that may be held} */
    public long bytesMax() {
        return bytesMax;
    }

    /** {@return what is held now; a loop tells it at the end of each turn} */
    public long heldBytes() {
        return heldBytes.get();
    }

    /** {@return what is set aside for answers that are not there yet} */
    public long reservedBytes() {
        return reservedBytes.get();
    }

    /**
     * Sets memory aside for an answer that is not there yet, if the connection would then have at most half of what is
     * free, or if nothing is set aside for anybody. In all, it is 32 MiB at most, half of a smaller cap, or a 32nd
     * of a larger one.
     *
     * @param bytes how much the answer may take; above zero
     * @param ownBytes what the connection has already: set aside for it, or in answers that it has not taken
     * @return whether it was set aside; the caller gives it back by {@link #release}
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
     * Sets memory aside for something that is there by now, whatever is free.
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

    /** What one more connection may hold before it has to wait. */
    long freeBytes() {
        return bytesMax - heldBytes.get();
    }

    // What the loops tell.

    void add(Part part) {
        parts.add(part);
    }

    void remove(Part part) {
        parts.remove(part);
    }

    /** A loop's part has grown or shrunk. */
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

    /** What was closed has had its time to come free. */
    void reliefIsOver() {
        reliefAboveBytes.set(bytesMax);
        add(0);
    }

    @Override
    public String toString() {
        return heldBytes() + " of " + bytesMax + " bytes held";
    }
}
