package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has still to send, and the watch over a peer that takes none of it. It exists from the first byte
 * that had to wait: most connections never need it. Used on the loop's thread alone, but for {@link #progressed}.
 *
 * <p>The system says that a socket takes bytes again only when much of its buffer is free: Linux wants three quarters
 * of a Unix socket's, and a third of a TCP one's. A peer that reads slowly needs long for that. So the watch looks by
 * itself, several times before it gives up: it tries to write, and asks how much the peer has not taken yet where the
 * transport can tell.
 */
final class PendingOutput implements IdleTimer.Target {
    /** How often it looks within the write timeout. A peer that is seen to take something in between goes on. */
    private static final int LOOKS = 4;

    private final LoopConnection connection;
    private final SendQueue queue;
    private final long timeoutNanos;
    private final long lookEveryNanos;
    private final IdleTimer stalled;

    private boolean tellWhenDrained;

    /** When the system, or the peer, was last seen to take something. */
    private volatile long progressNanos;

    /** What the peer had not taken at the last look; {@link Channel#UNKNOWN} before the first. */
    private long unsentBytes = Channel.UNKNOWN;

    PendingOutput(LoopConnection connection) {
        this.connection = connection;
        queue = new SendQueue(loop().buffers());
        timeoutNanos = Durations.nanosOrNever(loop().limits().writeTimeout());
        lookEveryNanos = timeoutNanos == Long.MAX_VALUE ? timeoutNanos : Math.max(1, timeoutNanos / LOOKS);
        stalled = new IdleTimer(lookEveryNanos, this);
    }

    private EventLoop loop() {
        return connection.loop();
    }

    @Override
    public LoopCore core() {
        return connection.loop().core();
    }

    /** The system has told nothing for a while. */
    @Override
    public void silent() {
        boolean waits =
                !isEmpty() || tellWhenDrained || connection.directWrites().isUnfinished();
        if (!waits) {
            stalled.stop();
            return;
        }
        boolean hasTried = tryToSend();
        Channel open = connection.channel();
        if (open == null || !stalled.isRunning()) {
            return; // all has left, or it is over
        }
        long nowNanos = core().judgedNanos();
        if (hasMoved(open)) {
            progressNanos = nowNanos;
        }
        long leftNanos = progressNanos + timeoutNanos - nowNanos;
        if (leftNanos <= 0 && hasTried) {
            connection.abort(CloseReason.WRITE_TIMEOUT, unsent());
        } else {
            long waitNanos = leftNanos <= 0 ? lookEveryNanos : Math.min(lookEveryNanos, leftNanos);
            stalled.start(nowNanos + waitNanos - lookEveryNanos);
        }
    }

    /** What the peer will miss; null where another thread's write was cut, which tells that one. */
    private @Nullable IOException unsent() {
        return isEmpty() ? null : new IOException(queuedBytes() + " bytes for it did not leave");
    }

    /** The system has not said that it takes bytes, and may do so all the same; whether that was tried. */
    private boolean tryToSend() {
        if (isEmpty()) {
            return connection.directWrites().tryAgain(this);
        }
        connection.flush();
        return true;
    }

    /** {@link Receiver#writable} is to be told. */
    void tellWhenDrained() {
        tellWhenDrained = true;
    }

    /** Whether it is, which is done with this. */
    boolean takeTellWhenDrained() {
        boolean taken = tellWhenDrained && connection.state() != ConnectionState.CLOSED;
        tellWhenDrained &= !taken;
        return taken;
    }

    /** Whether the peer has taken something since the last look; nothing is added to it meanwhile. */
    private boolean hasMoved(Channel open) {
        long before = unsentBytes;
        unsentBytes = open.unsentBytes();
        return before != Channel.UNKNOWN && unsentBytes < before;
    }

    /** Bytes were taken; any thread. */
    void progressed(long nowNanos) {
        progressNanos = nowNanos;
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
        IOException full = fullOrNull();
        if (full != null) {
            return full;
        }
        try {
            queue.add(bytes);
            return null;
        } catch (OutOfMemoryError e) {
            return new IOException("there is no memory for bytes that the peer does not take yet", e);
        }
    }

    /**
     * Puts bytes behind those that wait, which stay where they are. They are judged together: all or none.
     *
     * @return what keeps it from that, after which the connection must end
     */
    @Nullable
    IOException addLent(ByteBuffer[] parts) {
        IOException full = fullOrNull();
        for (int i = 0; full == null && i < parts.length; i++) {
            queue.addLent(parts[i]);
        }
        return full;
    }

    /** Its owner ignores what send answers; without an end it would take the memory of all others. */
    private @Nullable IOException fullOrNull() {
        long bytesMax = loop().limits().queuedBytesMax();
        return queuedBytes() < bytesMax
                ? null
                : new IOException("more than " + bytesMax
                        + " bytes queued: the peer does not read them, and send said so by false");
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
    boolean writeTo(Channel channel) throws IOException {
        LoopObserver observer = loop().observer();
        Consumer<ByteBuffer> each = observer.seesTraffic() ? bytes -> observer.sent(connection, bytes) : null;
        if (queue.writeTo(channel, each) == 0) {
            return false;
        }
        unsentBytes = Channel.UNKNOWN;
        progressNanos = core().nowNanos();
        stalled.touch(progressNanos);
        return true;
    }

    /** Asks to be told when the system takes bytes again, and starts the watch if it does not run. */
    void awaitWritable(Channel channel) {
        if (!stalled.isRunning()) {
            unsentBytes = Channel.UNKNOWN;
            progressNanos = core().nowNanos();
            stalled.start(progressNanos);
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
