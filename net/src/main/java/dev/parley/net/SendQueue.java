package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one connection that the system has not taken yet, in order. They are in buffers borrowed from the loop,
 * in buffers of the layer above, and in files. Used only on the loop's thread.
 */
final class SendQueue {
    /** The maximum number of bytes that are written in one turn, so that the other connections get their share. */
    private static final int WRITE_BYTES = 256 * 1024;

    /**
     * The maximum size of a piece. The JDK copies a heap buffer into a direct buffer of the same size, which it keeps.
     * So long buffers are written in pieces.
     */
    private static final int PIECE_BYTES = 64 * 1024;

    private final BufferPool pool;
    private final ArrayDeque<QueuedOutput> waiting = new ArrayDeque<>();
    private long queuedBytes;
    private int buffers;
    private long lentBytes;

    SendQueue(BufferPool pool) {
        this.pool = pool;
    }

    boolean isEmpty() {
        return queuedBytes == 0;
    }

    long queuedBytes() {
        return queuedBytes;
    }

    /**
     * Returns the size of the memory that this queue holds: the buffers that it has borrowed from the loop, and the
     * buffers that the layer above has lent to it.
     */
    long heldBytes() {
        return (long) buffers * BufferPool.BUFFER_BYTES + lentBytes;
    }

    /**
     * Copies the bytes to the end of the queue. The position and limit of each buffer enclose the bytes that are still
     * to be sent.
     *
     * @throws OutOfMemoryError if there is no buffer for all bytes; the bytes that were already copied stay in the
     *     queue
     */
    void add(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            ByteBuffer last = withRoom();
            int count = Math.min(bytes.remaining(), last.capacity() - last.limit());
            int end = last.limit() + count;
            last.limit(end).put(end - count, bytes, bytes.position(), count);
            bytes.position(bytes.position() + count);
            queuedBytes += count;
        }
    }

    private ByteBuffer withRoom() {
        if (waiting.peekLast() instanceof QueuedOutput.Bytes(ByteBuffer last) && last.limit() < last.capacity()) {
            return last;
        }
        ByteBuffer next = pool.borrow().limit(0);
        buffers++;
        waiting.addLast(new QueuedOutput.Bytes(next));
        return next;
    }

    /** Adds bytes to the end of the queue without a copy. */
    void addLent(ByteBuffer bytes) {
        if (bytes.hasRemaining()) {
            QueuedOutput.Lent lent = QueuedOutput.Lent.of(bytes);
            waiting.addLast(lent);
            queuedBytes += bytes.remaining();
            lentBytes += lent.heldBytes();
            bytes.position(bytes.limit());
        }
    }

    /**
     * Adds a part of a file to the end of the queue. The part is released when it was sent, or if it will never be
     * sent.
     */
    void add(SendFile.Region region) {
        if (region.remainingBytes() == 0) {
            region.release(); // it is never written, so no write releases it
            return;
        }
        queuedBytes += region.remainingBytes();
        waiting.addLast(new QueuedOutput.OfFile(region));
    }

    /**
     * Writes once, as many bytes as the system takes. One call writes many of the queued buffers. Called only while
     * bytes are queued.
     *
     * @param each gets the bytes that were taken; null if no observer sees traffic
     */
    long writeTo(Channel channel, @Nullable Consumer<ByteBuffer> each) throws IOException {
        long written = waiting.peekFirst() instanceof QueuedOutput.OfFile(SendFile.Region region)
                ? writeFile(region, channel, each)
                : writeMemory(channel, each);
        queuedBytes -= written;
        removeWritten();
        return written;
    }

    private long writeFile(SendFile.Region region, Channel channel, @Nullable Consumer<ByteBuffer> each)
            throws IOException {
        ByteBuffer scratch = pool.borrow();
        try {
            return region.writeTo(channel, scratch, each);
        } finally {
            pool.giveBack(scratch);
        }
    }

    private long writeMemory(Channel channel, @Nullable Consumer<ByteBuffer> each) throws IOException {
        int count = gather();
        long written;
        try {
            written = count == 1 ? channel.write(pool.gathered[0]) : channel.write(pool.gathered, count);
        } finally {
            Arrays.fill(pool.gathered, 0, count, null); // so that they do not keep lent contents in memory
        }
        advance(written, each);
        return written;
    }

    /** Gathers the buffers for one call: pieces of the queued bytes, up to the next file. */
    private int gather() {
        int count = 0;
        int left = WRITE_BYTES;
        for (QueuedOutput next : waiting) {
            ByteBuffer bytes = inMemory(next);
            if (bytes == null) {
                break;
            }
            for (int at = bytes.position(); at < bytes.limit(); ) {
                if (count == pool.gathered.length || left == 0) {
                    return count;
                }
                int length = Math.min(Math.min(left, PIECE_BYTES), bytes.limit() - at);
                pool.gathered[count++] = bytes.slice(at, length);
                at += length;
                left -= length;
            }
        }
        return count;
    }

    private static @Nullable ByteBuffer inMemory(QueuedOutput waits) {
        return switch (waits) {
            case QueuedOutput.Bytes(ByteBuffer buffer) -> buffer;
            case QueuedOutput.Lent(ByteBuffer bytes, int _) -> bytes;
            case QueuedOutput.OfFile _ -> null;
        };
    }

    private void advance(long written, @Nullable Consumer<ByteBuffer> each) {
        long left = written;
        for (QueuedOutput next : waiting) {
            ByteBuffer bytes = inMemory(next);
            if (left == 0 || bytes == null) {
                return;
            }
            int taken = (int) Math.min(left, bytes.remaining());
            if (each != null) {
                each.accept(bytes.slice(bytes.position(), taken).asReadOnlyBuffer());
            }
            bytes.position(bytes.position() + taken);
            left -= taken;
        }
    }

    private void removeWritten() {
        for (QueuedOutput first = waiting.peekFirst(); first != null && isWritten(first); first = waiting.peekFirst()) {
            letGo(waiting.removeFirst());
        }
    }

    private static boolean isWritten(QueuedOutput first) {
        return switch (first) {
            case QueuedOutput.Bytes(ByteBuffer buffer) -> !buffer.hasRemaining();
            case QueuedOutput.Lent(ByteBuffer bytes, int _) -> !bytes.hasRemaining();
            case QueuedOutput.OfFile(SendFile.Region region) -> region.remainingBytes() == 0;
        };
    }

    private void letGo(QueuedOutput gone) {
        switch (gone) {
            case QueuedOutput.Bytes(ByteBuffer buffer) -> {
                buffers--;
                pool.giveBack(buffer);
            }
            case QueuedOutput.Lent(ByteBuffer _, int heldBytes) -> lentBytes -= heldBytes;
            case QueuedOutput.OfFile(SendFile.Region region) -> region.release();
        }
    }

    void release() {
        for (QueuedOutput next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
            letGo(next);
        }
        queuedBytes = 0;
    }
}
