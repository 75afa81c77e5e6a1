package dev.parley.net;

import dev.parley.net.text.SafeText;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that the loop has read for a blocking connection, and that its reader has not taken yet. The loop adds, one
 * reader takes, and neither waits for a lock of the other. They are bounded: the loop stops reading above {@link
 * #HIGH_BYTES} until the reader has taken all but {@link #LOW_BYTES}.
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

    // The loop's thread.

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

    // The reader's thread.

    /** Returns the next bytes, and waits for them; null at the end of the stream, or of the connection. */
    byte @Nullable [] take() throws InterruptedIOException {
        byte[] chunk = chunks.poll();
        if (chunk == null) {
            readable.await("read from " + SafeText.line(core.peerAddress()));
            chunk = chunks.poll();
        }
        return chunk;
    }

    /** The reader has used that many of the bytes it took. */
    void used(int bytes) {
        int unread = unreadBytes.addAndGet(-bytes);
        if (paused && unread <= LOW_BYTES) {
            core.sink().tryExecute(this::resumeIfTaken);
        } else if (closed && unread == 0) {
            core.sink().tryExecute(core::heldBytesChanged); // nothing else happens to it that would have it counted
        }
    }

    /** Bytes are always added before the end, so a reader that sees the end and then no chunk has seen all. */
    private boolean mayRead() {
        return ended || closed || !chunks.isEmpty();
    }

    // Any thread.

    /** A reader that waits stops waiting. */
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

    /** Drops what is left, since no thread will read it. */
    void drop() {
        dropped = true;
        chunks.clear();
    }

    /** Returns how many bytes it keeps for its reader. */
    int heldBytes() {
        return dropped ? 0 : unreadBytes.get();
    }
}
