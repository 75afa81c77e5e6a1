package dev.parley.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The reading end of a {@link Connection}. */
final class ConnectionInput extends InputStream {
    private final Connection connection;
    private final ReceivedBytes received;

    /** The lock of the thread that reads. The loop's thread never takes it. */
    private final ReentrantLock reading = new ReentrantLock();

    private byte @Nullable [] chunk;
    private int position;

    ConnectionInput(Connection connection, ReceivedBytes received) {
        this.connection = connection;
        this.received = received;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        checkMayRead();
        reading.lock();
        try {
            byte[] current = current();
            if (current == null) {
                return -1;
            }
            int count = Math.min(length, current.length - position);
            System.arraycopy(current, position, into, offset, count);
            advance(current, count);
            return count;
        } finally {
            reading.unlock();
        }
    }

    /** Passes the chunks that the loop has read straight to the stream, which saves a copy. */
    @Override
    public long transferTo(OutputStream out) throws IOException {
        Objects.requireNonNull(out);
        checkMayRead();
        reading.lock();
        try {
            long total = 0;
            for (byte[] current = current(); current != null; current = current()) {
                int count = current.length - position;
                out.write(current, position, count);
                advance(current, count);
                total += count;
            }
            return total;
        } finally {
            reading.unlock();
        }
    }

    @Override
    public int available() {
        return received.unreadBytes();
    }

    /** Closes the whole connection, as the JDK's socket streams do. */
    @Override
    public void close() {
        connection.close();
    }

    private static void checkMayRead() {
        EventLoop.checkMayBlock("a blocking read", "use a LoopConnection here, or a virtual thread");
    }

    private byte @Nullable [] current() throws IOException {
        if (connection.isClosedHere()) {
            throw connection.closedException();
        }
        if (chunk == null) {
            chunk = received.take();
            position = 0;
            if (chunk == null && !received.hasEnded()) {
                throw connection.closedException();
            }
        }
        return chunk;
    }

    private void advance(byte[] current, int count) {
        position += count;
        if (position == current.length) {
            chunk = null;
        }
        received.used(count);
    }
}
