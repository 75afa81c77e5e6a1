package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the system has not taken yet of one connection's bytes, in order: in buffers borrowed from the loop, where the
 * layer above has them, and in files. Used on the loop's thread alone.
 */
final class SendQueue {
    /** No more of what is long leaves in one turn, so that the others have theirs. */
    static final int LENT_WRITE_BYTES = 256 * 1024;

    private final BufferPool pool;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
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

    /** What its buffers take, and what it keeps others from giving up. */
    long heldBytes() {
        return (long) buffers * BufferPool.BUFFER_BYTES + lentBytes;
    }

    /**
     * Copies the bytes behind those that wait; the buffers are kept ready to be read.
     *
     * @throws OutOfMemoryError when there is no buffer for all of them; what was copied before is counted
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
        if (waiting.peekLast() instanceof Waiting.Bytes(ByteBuffer last) && last.limit() < last.capacity()) {
            return last;
        }
        ByteBuffer next = pool.borrow().limit(0);
        buffers++;
        waiting.addLast(new Waiting.Bytes(next));
        return next;
    }

    /** Puts bytes behind what waits, which stay where they are. */
    void addLent(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (count > 0) {
            waiting.addLast(new Waiting.Lent(bytes.slice()));
            bytes.position(bytes.limit());
            queuedBytes += count;
            lentBytes += count;
        }
    }

    /** Puts a part of a file behind what waits; it is released when it has left, or never will. */
    void add(FileRegion region) {
        if (region.remainingBytes() == 0) {
            region.release(); // nobody would come by to do that
            return;
        }
        queuedBytes += region.remainingBytes();
        waiting.addLast(new Waiting.OfFile(region));
    }

    /**
     * Writes once what the system takes, all that waits in buffers in one call; called with bytes waiting.
     *
     * @param each told the bytes that were taken; null where nobody listens
     */
    long writeTo(Channel channel, @Nullable Consumer<ByteBuffer> each) throws IOException {
        long written =
                switch (waiting.getFirst()) {
                    case Waiting.OfFile(FileRegion region) -> writeFile(region, channel, each);
                    case Waiting.Lent(ByteBuffer bytes) -> writeLent(bytes, channel, each);
                    case Waiting.Bytes _ -> writeBuffers(channel, each);
                };
        queuedBytes -= written;
        removeWritten();
        return written;
    }

    private long writeFile(FileRegion region, Channel channel, @Nullable Consumer<ByteBuffer> each) throws IOException {
        ByteBuffer scratch = pool.borrow();
        try {
            return region.writeTo(channel, scratch, each);
        } finally {
            pool.giveBack(scratch);
        }
    }

    private static int writeLent(ByteBuffer bytes, Channel channel, @Nullable Consumer<ByteBuffer> each)
            throws IOException {
        int start = bytes.position();
        int end = bytes.limit();
        bytes.limit(Math.min(end, start + LENT_WRITE_BYTES));
        int written;
        try {
            written = channel.write(bytes);
        } finally {
            bytes.limit(end);
        }
        if (each != null && written > 0) {
            each.accept(bytes.slice(start, written).asReadOnlyBuffer());
        }
        return written;
    }

    private long writeBuffers(Channel channel, @Nullable Consumer<ByteBuffer> each) throws IOException {
        int count = 0;
        for (Waiting next : waiting) {
            if (!(next instanceof Waiting.Bytes(ByteBuffer buffer)) || count == pool.gathered.length) {
                break;
            }
            pool.gathered[count++] = each == null ? buffer : buffer.duplicate();
        }
        long written = count == 1 ? channel.write(pool.gathered[0]) : channel.write(pool.gathered, count);
        if (each != null) {
            skipAndTell(written, each);
        }
        return written;
    }

    private void skipAndTell(long written, Consumer<ByteBuffer> each) {
        long left = written;
        for (Waiting next : waiting) {
            if (left == 0 || !(next instanceof Waiting.Bytes(ByteBuffer buffer))) {
                return;
            }
            int taken = (int) Math.min(left, buffer.remaining());
            each.accept(buffer.slice(buffer.position(), taken).asReadOnlyBuffer());
            buffer.position(buffer.position() + taken);
            left -= taken;
        }
    }

    private void removeWritten() {
        for (Waiting first = waiting.peekFirst(); first != null && isWritten(first); first = waiting.peekFirst()) {
            letGo(waiting.removeFirst());
        }
    }

    private static boolean isWritten(Waiting first) {
        return switch (first) {
            case Waiting.Bytes(ByteBuffer buffer) -> !buffer.hasRemaining();
            case Waiting.Lent(ByteBuffer bytes) -> !bytes.hasRemaining();
            case Waiting.OfFile(FileRegion region) -> region.remainingBytes() == 0;
        };
    }

    private void letGo(Waiting gone) {
        switch (gone) {
            case Waiting.Bytes(ByteBuffer buffer) -> {
                buffers--;
                pool.giveBack(buffer);
            }
            case Waiting.Lent(ByteBuffer bytes) -> lentBytes -= bytes.limit();
            case Waiting.OfFile(FileRegion region) -> region.release();
        }
    }

    void release() {
        for (Waiting next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
            letGo(next);
        }
        queuedBytes = 0;
    }
}
