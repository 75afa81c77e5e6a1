package dev.parley.net;

import dev.parley.net.text.SafeText;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that the loop has read for a blocking connection, and that the connection's reader has not taken yet. The
 * loop adds bytes, one reader takes them, and neither waits for a lock of the other. Their memory is bounded: if they
 * take {@link #HIGH_BYTES} or more, the loop stops reading until they take at most {@link #LOW_BYTES}.
 */
final class ReceivedBytes {
    private static final int HIGH_BYTES = 64 * 1024;
    private static final int LOW_BYTES = 32 * 1024;

    /**
     * The memory that a chunk takes in addition to its bytes: the header of the array, and its place in the queue. It
     * counts, because a peer that sends bytes one by one makes a chunk of each.
     */
    private static final int CHUNK_BYTES = 64;

    private final LoopConnection core;
    private final Queue<byte[]> chunks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unreadBytes = new AtomicInteger();

    /** The number of chunks that the reader has not taken. */
    private final AtomicInteger unreadChunks = new AtomicInteger();

    private final Waiter readable = new Waiter(this::mayRead);
    private volatile boolean ended;
    private volatile boolean closed;
    private volatile boolean paused;
    private volatile boolean dropped;

    ReceivedBytes(LoopConnection core) {
        this.core = core;
    }

    // Called on the loop's thread.

    void add(ByteBuffer bytes) {
        var chunk = new byte[bytes.remaining()];
        bytes.get(chunk);
        unreadBytes.addAndGet(chunk.length);
        unreadChunks.incrementAndGet();
        chunks.add(chunk);
        readable.signal();
        if (unreadMemoryBytes() >= HIGH_BYTES) {
            core.pauseReading();
            paused = true;
            resumeIfTaken();
        }
    }

    void end() {
        ended = true;
        readable.signal();
    }

    private void resumeIfTaken() {
        if (unreadMemoryBytes() <= LOW_BYTES) {
            paused = false;
            core.resumeReading();
        }
    }

    // Called on the reader's thread.

    /** Waits for bytes, and returns them; null at the end of the stream, or if the connection has closed. */
    byte @Nullable [] take() throws InterruptedIOException {
        byte[] chunk = chunks.poll();
        if (chunk == null) {
            readable.await("read from " + SafeText.line(core.peerAddress()));
            chunk = chunks.poll();
        }
        if (chunk != null) {
            unreadChunks.decrementAndGet();
        }
        return chunk;
    }

    /** Called when the reader has used this number of the bytes that it has taken. */
    void used(int bytes) {
        int unread = unreadBytes.addAndGet(-bytes);
        if (closed && unread == 0) {
            core.sink().tryExecute(core::heldBytesChanged); // no later event counts them
        } else if (paused && unreadMemoryBytes() <= LOW_BYTES) {
            core.sink().tryExecute(this::resumeIfTaken);
        }
    }

    /**
     * Returns true if the reader need not wait. Bytes are always added before the end, so a reader that sees the end
     * and then finds no chunk has seen all bytes.
     */
    private boolean mayRead() {
        return ended || closed || !chunks.isEmpty();
    }

    // Called on any thread.

    /** Makes a reader that waits stop waiting. */
    void stopReading() {
        closed = true;
        readable.signal();
    }

    boolean hasEnded() {
        return ended;
    }

    boolean isEmpty() {
        return unreadBytes.get() == 0;
    }

    int unreadBytes() {
        return unreadBytes.get();
    }

    /** Drops the unread bytes, because no thread will read them. */
    void drop() {
        dropped = true;
        chunks.clear();
    }

    /** Returns how much memory the chunks take that are kept for the reader. */
    int heldBytes() {
        return dropped ? 0 : unreadMemoryBytes();
    }

    private int unreadMemoryBytes() {
        return unreadBytes.get() + CHUNK_BYTES * unreadChunks.get();
    }
}
