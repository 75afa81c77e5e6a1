package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one connection that the system has not taken yet, in order, in buffers borrowed from the loop. Used on
 * the loop's thread alone.
 */
final class SendQueue {
    private final BufferPool pool;
    private final ArrayDeque<ByteBuffer> filled = new ArrayDeque<>();
    private long queuedBytes;

    SendQueue(BufferPool pool) {
        this.pool = pool;
    }

    boolean isEmpty() {
        return queuedBytes == 0;
    }

    long queuedBytes() {
        return queuedBytes;
    }

    /** What its buffers take. */
    long heldBytes() {
        return (long) filled.size() * BufferPool.BUFFER_BYTES;
    }

    /** Copies the bytes behind those that wait; the buffers are kept ready to be read. */
    void add(ByteBuffer bytes) {
        queuedBytes += bytes.remaining();
        while (bytes.hasRemaining()) {
            ByteBuffer last = filled.peekLast();
            if (last == null || last.limit() == last.capacity()) {
                last = pool.borrow().limit(0);
                filled.addLast(last);
            }
            int count = Math.min(bytes.remaining(), last.capacity() - last.limit());
            int end = last.limit() + count;
            last.limit(end).put(end - count, bytes, bytes.position(), count);
            bytes.position(bytes.position() + count);
        }
    }

    /**
     * Writes once what the system takes, all that waits in one call; called with bytes waiting.
     *
     * @param each told the bytes that were taken; null where nobody listens
     */
    long writeTo(Channel channel, @Nullable Consumer<ByteBuffer> each) throws IOException {
        int count = 0;
        for (ByteBuffer buffer : filled) {
            pool.gathered[count++] = each == null ? buffer : buffer.duplicate();
            if (count == pool.gathered.length) {
                break;
            }
        }
        long written = count == 1 ? channel.write(pool.gathered[0]) : channel.write(pool.gathered, count);
        if (each != null) {
            skipAndTell(written, each);
        }
        queuedBytes -= written;
        while (!filled.isEmpty() && !filled.getFirst().hasRemaining()) {
            pool.giveBack(filled.removeFirst());
        }
        return written;
    }

    private void skipAndTell(long written, Consumer<ByteBuffer> each) {
        long left = written;
        for (ByteBuffer buffer : filled) {
            if (left == 0) {
                return;
            }
            int taken = (int) Math.min(left, buffer.remaining());
            each.accept(buffer.slice(buffer.position(), taken).asReadOnlyBuffer());
            buffer.position(buffer.position() + taken);
            left -= taken;
        }
    }

    void release() {
        for (ByteBuffer buffer = filled.pollFirst(); buffer != null; buffer = filled.pollFirst()) {
            pool.giveBack(buffer);
        }
        queuedBytes = 0;
    }
}
