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
 * loop adds bytes, one reader takes them, and neither waits for a lock of the other. Their number is bounded: if {@link
 * #HIGH_BYTES} or more are unread, the loop stops reading until at most {@link #LOW_BYTES} are left.
 */
final class ReceivedBytes {
    private static final int HIGH_BYTES = 64 * 1024;
    private static final int LOW_BYTES = 32 * 1024;

    private final LoopConnection core;
    private final Queue<byte[]> chunks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unreadBytes = new AtomicInteger();
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
        int unread = unreadBytes.addAndGet(chunk.length);
        chunks.add(chunk);
        readable.signal();
        if (unread >= HIGH_BYTES) {
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
        if (unreadBytes.get() <= LOW_BYTES) {
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
        return chunk;
    }

    /** Called when the reader has used this number of the bytes that it has taken. */
    void used(int bytes) {
        int unread = unreadBytes.addAndGet(-bytes);
        if (paused && unread <= LOW_BYTES) {
            core.sink().tryExecute(this::resumeIfTaken);
        } else if (closed && unread == 0) {
            core.sink().tryExecute(core::heldBytesChanged); // no later event counts them
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

    /** Returns how many bytes are kept for the reader. */
    int heldBytes() {
        return dropped ? 0 : unreadBytes.get();
    }
}
