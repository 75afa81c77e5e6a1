package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has still to send, and the watch over a peer that takes none of it. It exists from the first byte
 * that had to wait: most connections never need it. Used on the loop's thread alone.
 */
final class Outgoing implements Watchdog.Whom {
    private final LoopConnection connection;
    private final SendQueue queue;
    private final Watchdog stalled;

    Outgoing(LoopConnection connection) {
        this.connection = connection;
        queue = new SendQueue(loop().buffers());
        stalled = new Watchdog(Durations.nanosOrNever(loop().limits().writeTimeout()), this);
    }

    @Override
    public EventLoop loop() {
        return connection.loop();
    }

    /** The peer has taken nothing for too long. */
    @Override
    public void silent() {
        connection.abort(CloseReason.WRITE_TIMEOUT, null);
    }

    long queuedBytes() {
        return queue.queuedBytes();
    }

    /** How much memory that takes, which is more where the last buffer is not full. */
    long heldBytes() {
        return queue.heldBytes();
    }

    boolean isEmpty() {
        return queuedBytes() == 0;
    }

    /**
     * Copies the bytes behind those that wait.
     *
     * @return what keeps it from that, after which the connection must end: some may have been copied
     */
    @Nullable
    IOException add(ByteBuffer bytes) {
        long bytesMax = loop().limits().queuedBytesMax();
        if (queuedBytes() >= bytesMax) {
            // Its owner ignores what send answers; without an end it would take the memory of all others.
            return new IOException(
                    "more than " + bytesMax + " bytes queued: the peer does not read them, and send said so by false");
        }
        try {
            queue.add(bytes);
            return null;
        } catch (OutOfMemoryError e) {
            return new IOException("there is no memory for bytes that the peer does not take yet", e);
        }
    }

    /** Puts a part of a file behind what waits. */
    void add(FileRegion region) {
        queue.add(region);
    }

    /**
     * Writes once what the system takes of the bytes that wait.
     *
     * @return whether it took any
     */
    boolean writeTo(Channel channel, @Nullable Consumer<ByteBuffer> each) throws IOException {
        if (queue.writeTo(channel, each) == 0) {
            return false;
        }
        stalled.touch(loop().nowNanos());
        return true;
    }

    /** Asks to be told when the system takes bytes again, and starts the watch if it does not run. */
    void awaitWritable(Channel channel) {
        if (!stalled.isRunning()) {
            stalled.start(loop().nowNanos());
        }
        channel.wantWrite(true);
    }

    /** Nothing waits any more. */
    void stopWaiting(Channel channel) {
        channel.wantWrite(false);
        stalled.stop();
    }

    /** The connection is over: the buffers go back to the loop. */
    void release() {
        stalled.cancel();
        queue.release();
    }
}
