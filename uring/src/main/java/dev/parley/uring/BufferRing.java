package dev.parley.uring;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * A ring of receive buffers that the kernel fills. The kernel picks a buffer only when bytes have arrived, so a
 * connection that waits uses no buffer (io_uring_register(2), IORING_REGISTER_PBUF_RING). Used on the loop's thread.
 *
 * <p>If the kernel supports it, one small buffer takes several small messages, one after another, and is given back
 * when it is full. So a few buffers are enough, and they stay in the processor's cache. A large buffer is filled only
 * once, so the received bytes are in one piece and can be sent from the same buffer.
 */
final class BufferRing {
    private static final int REGISTER_PBUF_RING = 22;
    private static final int UNREGISTER_PBUF_RING = 23;
    private static final int PBUF_RING_INC = 2;
    private static final int CQE_F_BUFFER = 1;
    private static final int CQE_F_BUF_MORE = 1 << 4;
    private static final int CQE_BUFFER_SHIFT = 16;
    private static final int ENTRY_BYTES = 16;
    private static final int TAIL_OFFSET = 14;

    /** The kernel wants a ring to begin at a page. This is the largest page of the kernels for AArch64. */
    private static final int PAGE_BYTES = 64 * 1024;

    /**
     * The gap between two buffers. It makes their distance not a power of two, so that the starts of the buffers do not
     * share the same sets of the processor's cache.
     */
    private static final int GAP_BYTES = 320;

    private static final byte POISON = (byte) 0xdb;
    private static final boolean POISONING = Boolean.getBoolean("dev.parley.uring.poison");

    private final Region region;
    private final int group;
    private final boolean incremental;
    private final int count;
    private final int bufferBytes;
    private final long entries;
    private final ByteBuffer memory;
    private final long memoryAddress;
    private final ByteBuffer[] views;
    private final int[] offsets;
    private short tail;

    /**
     * The buffers from which the sends of the current turn read. {@link #lentBefore} has the buffers of the sends that
     * were handed over in the last system call.
     */
    private final BitSet lent = new BitSet();

    private final BitSet lentBefore = new BitSet();

    /** The lent buffers that only their sends still read. */
    private final BitSet over = new BitSet();

    private BufferRing(Region region, int group, boolean incremental, int count, int bufferBytes) {
        this.region = region;
        this.group = group;
        this.incremental = incremental;
        this.count = count;
        this.bufferBytes = bufferBytes;
        int stride = bufferBytes + GAP_BYTES;
        memory = region.buffer(count * stride);
        entries = region.allocate((long) count * ENTRY_BYTES, PAGE_BYTES).address();
        memoryAddress = NativeMemory.addressOf(memory);
        views = new ByteBuffer[count];
        offsets = new int[count];
        for (int i = 0; i < count; i++) {
            views[i] = memory.slice(i * stride, bufferBytes).asReadOnlyBuffer();
        }
    }

    /**
     * Registers buffers with a ring and gives all of them to the kernel.
     *
     * @param group the number by which receives name these buffers
     * @param incremental true if one buffer takes several messages
     * @param count a power of two
     * @param from the account that counts their memory
     * @throws UringException if the kernel refuses
     * @throws OutOfMemoryError if there is no memory for the buffers
     */
    static BufferRing open(Ring ring, boolean incremental, int group, int count, int bufferBytes, DirectMemory from)
            throws UringException {
        Region region = from.sharedRegion();
        try {
            var buffers = new BufferRing(region, group, incremental, count, bufferBytes);
            buffers.register(ring);
            for (int id = 0; id < count; id++) {
                buffers.giveBack(id);
            }
            return buffers;
        } catch (UringException | RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    /** Registers the buffers with a struct io_uring_buf_reg: address, entries, group, flags. */
    private void register(Ring ring) throws UringException {
        try (Arena scratch = Arena.ofConfined()) {
            long at = scratch.allocate(40, 8).address();
            NativeMemory.putLong(at, entries);
            NativeMemory.putInt(at + 8, count);
            NativeMemory.putShort(at + 12, (short) group);
            NativeMemory.putShort(at + 14, (short) (incremental ? PBUF_RING_INC : 0));
            ring.register(REGISTER_PBUF_RING, at, 1);
        }
    }

    int group() {
        return group;
    }

    static boolean hasBuffer(int flags) {
        return (flags & CQE_F_BUFFER) != 0;
    }

    static boolean isSameBuffer(int flags, int others) {
        return hasBuffer(others) && flags >>> CQE_BUFFER_SHIFT == others >>> CQE_BUFFER_SHIFT;
    }

    /**
     * Returns the bytes of a completion. The buffer is read-only, and valid until {@link #done} is called.
     *
     * @param before the number of bytes in the same buffer that belong to earlier completions for which {@link #done}
     *     was not called yet
     */
    ByteBuffer filled(int flags, int length, int before) {
        int id = flags >>> CQE_BUFFER_SHIFT;
        int start = offsets[id] + before;
        return views[id].clear().limit(start + length).position(start).order(ByteOrder.BIG_ENDIAN);
    }

    /** Called when the bytes of this completion are no longer read. */
    void done(int flags, int length) {
        int id = flags >>> CQE_BUFFER_SHIFT;
        if ((flags & CQE_F_BUF_MORE) != 0) {
            offsets[id] += length;
        } else if (lent.get(id) || lentBefore.get(id)) {
            over.set(id);
        } else {
            giveBack(id);
        }
    }

    /**
     * Lends a buffer to a send of this turn if the address lies in one of these buffers. The buffer is not given back
     * before {@link #sent}.
     *
     * @return true if the address lies in one of these buffers
     */
    boolean lend(long address) {
        long offset = address - memoryAddress;
        if (offset < 0 || offset >= memory.capacity()) {
            return false;
        }
        lent.set((int) (offset / (bufferBytes + GAP_BYTES)));
        return true;
    }

    /** Called when the sends of this turn have been handed over. Their failures have not been reported yet. */
    void handedOver() {
        lentBefore.or(lent);
        lent.clear();
    }

    /**
     * Called when the failures of the sends that were handed over have been reported. The bytes were sent or copied, so
     * their buffers are free.
     */
    void sent() {
        for (int id = lentBefore.nextSetBit(0); id >= 0; id = lentBefore.nextSetBit(id + 1)) {
            if (over.get(id) && !lent.get(id)) {
                over.clear(id);
                giveBack(id);
            }
        }
        lentBefore.clear();
    }

    /**
     * Gives a buffer back to the kernel. This is done at once, because the kernel may need it in the middle of a turn,
     * when a full submission queue is handed over.
     */
    private void giveBack(int id) {
        offsets[id] = 0;
        long buffer = memoryAddress + (long) id * (bufferBytes + GAP_BYTES);
        if (POISONING) {
            NativeMemory.fill(buffer, bufferBytes, POISON);
        }
        long at = entries + (long) (tail & count - 1) * ENTRY_BYTES;
        NativeMemory.putLong(at, buffer);
        NativeMemory.putInt(at + 8, bufferBytes);
        NativeMemory.putShort(at + 12, (short) id);
        tail++;
        NativeMemory.putShortRelease(entries + TAIL_OFFSET, tail);
    }

    /** Unregisters the buffers from the kernel, and frees their memory. No receive may be under way. */
    void close(Ring ring) throws UringException {
        try (Arena scratch = Arena.ofConfined()) {
            long at = scratch.allocate(40, 8).address();
            NativeMemory.putShort(at + 12, (short) group);
            ring.register(UNREGISTER_PBUF_RING, at, 1);
        } finally {
            region.close();
        }
    }
}
