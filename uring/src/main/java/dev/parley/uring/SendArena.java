package dev.parley.uring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An arena for the bytes that one turn of a loop sends, which are copied into it one after another. The kernel takes
 * the bytes while the submissions are handed over. When the completions of that turn have been handled, all of the
 * memory is free again. Used on the loop's thread.
 */
final class SendArena {
    /**
     * The size of one piece of memory. It is small enough to stay in the processor's cache while all messages are
     * small.
     */
    private static final int CHUNK_BYTES = 512 * 1024;

    /**
     * The maximum number of pieces that one turn may fill with bytes to send. Further bytes stay with their owners
     * until the next turn. What {@link #take} returns may lie in further pieces.
     */
    private static final int CHUNKS_MAX = 16;

    /**
     * The maximum number of pieces that are kept for the next turn. Further pieces, which a flood of bytes needed, are
     * freed.
     */
    private static final int CHUNKS_KEPT = 2;

    private static final int ALIGNMENT = 8;

    private record Chunk(Region region, ByteBuffer memory, long address) {
        static Chunk of(Region region) {
            ByteBuffer memory = region.buffer(CHUNK_BYTES);
            return new Chunk(region, memory, NativeMemory.addressOf(memory));
        }
    }

    private final DirectMemory memory;
    private final List<Chunk> chunks = new ArrayList<>();
    private int current;
    private Chunk chunk;
    private int used;

    /** Creates an arena. Its first piece of memory belongs to the region, which the caller closes after this arena. */
    SendArena(DirectMemory memory, Region region) {
        this.memory = memory;
        chunk = Chunk.of(region);
        chunks.add(chunk);
    }

    /**
     * Makes room for bytes that follow each other.
     *
     * @return the number of bytes that may be put; 0 if this turn has no memory left
     */
    int room(int wanted) {
        if (current >= CHUNKS_MAX) {
            return 0;
        }
        int left = CHUNK_BYTES - used;
        if (left < wanted && left < CHUNK_BYTES / 4) {
            if (current + 1 == CHUNKS_MAX || !hasNext()) {
                return left;
            }
            next();
            left = CHUNK_BYTES;
        }
        return Math.min(wanted, left);
    }

    /** Returns true if there is a next piece, which is allocated if necessary; false if there is no memory for it. */
    private boolean hasNext() {
        if (current + 1 < chunks.size()) {
            return true;
        }
        try {
            grow();
            return true;
        } catch (OutOfMemoryError full) {
            return false; // then this turn sends less
        }
    }

    private void grow() {
        Region region = memory.ownRegion();
        try {
            chunks.add(Chunk.of(region));
        } catch (OutOfMemoryError full) {
            region.close();
            throw full;
        }
    }

    private void next() {
        if (current + 1 == chunks.size()) {
            grow();
        }
        current++;
        chunk = chunks.get(current);
        used = 0;
    }

    /** Returns the address at which the next bytes will be put. Called after {@link #room}. */
    long end() {
        return chunk.address + used;
    }

    /** Returns the number of bytes that may be put at {@link #end} without a gap. */
    int roomHere() {
        return CHUNK_BYTES - used;
    }

    /** Moves to an aligned address, so that two messages do not share a word. */
    void align() {
        used = Math.min(CHUNK_BYTES, (used + ALIGNMENT - 1) & -ALIGNMENT);
    }

    /** Copies bytes into the arena, at most as many as {@link #room} has returned. The buffer's position moves. */
    void put(ByteBuffer bytes, int count) {
        chunk.memory.put(used, bytes, bytes.position(), count);
        bytes.position(bytes.position() + count);
        used += count;
    }

    /**
     * Takes contiguous memory for something other than bytes to send, such as the address of a connect. Returns where
     * the memory begins.
     *
     * @throws IOException if there is no memory
     */
    long take(int count) throws IOException {
        align();
        if (roomHere() < count) {
            try {
                next();
            } catch (OutOfMemoryError full) {
                throw new IOException("no memory to connect: " + full.getMessage(), full);
            }
        }
        long at = end();
        used += count;
        return at;
    }

    /** Makes the memory free for new bytes. Called when all bytes have been sent, or copied into slow buffers. */
    void reset() {
        if (chunks.size() > CHUNKS_KEPT) {
            free(CHUNKS_KEPT);
        }
        current = 0;
        chunk = chunks.getFirst();
        used = 0;
    }

    private void free(int kept) {
        List<Chunk> grown = chunks.subList(kept, chunks.size());
        grown.forEach(each -> each.region().close());
        grown.clear();
    }

    /** Frees the pieces that the arena has added; nothing may be sent from them any more. */
    void close() {
        free(1);
    }
}
