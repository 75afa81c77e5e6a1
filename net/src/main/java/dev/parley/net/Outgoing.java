package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has still to send, and the watch over a peer that takes none of it. Both exist from the first byte
 * that had to wait: most connections never need them. Used on the loop's thread alone.
 */
final class Outgoing {
    private final EventLoop loop;
    private final Runnable onStalled;
    private @Nullable SendQueue queue;
    private @Nullable Watchdog stalled;

    Outgoing(EventLoop loop, Runnable onStalled) {
        this.loop = loop;
        this.onStalled = onStalled;
    }

    long queuedBytes() {
        return queue == null ? 0 : queue.queuedBytes();
    }

    boolean isEmpty() {
        return queuedBytes() == 0;
    }

    /** Copies the bytes behind those that wait. */
    void add(ByteBuffer bytes) {
        if (queue == null) {
            queue = new SendQueue(loop.buffers());
        }
        queue.add(bytes);
    }

    /**
     * Writes once what the system takes of the bytes that wait.
     *
     * @return whether it took any
     */
    boolean writeTo(Channel channel, @Nullable Consumer<ByteBuffer> each) throws IOException {
        if (queue == null || queue.writeTo(channel, each) == 0) {
            return false;
        }
        if (stalled != null) {
            stalled.touch(loop.nowNanos());
        }
        return true;
    }

    /** Asks to be told when the system takes bytes again, and starts the watch if it does not run. */
    void awaitWritable(Channel channel) {
        if (stalled == null) {
            stalled = new Watchdog(loop, Durations.nanosOrNever(loop.limits().writeTimeout()), onStalled);
        }
        if (!stalled.isRunning()) {
            stalled.start(loop.nowNanos());
        }
        channel.wantWrite(true);
    }

    /** Nothing waits any more. */
    void stopWaiting(Channel channel) {
        channel.wantWrite(false);
        if (stalled != null) {
            stalled.stop();
        }
    }

    /** The connection is over: the buffers go back to the loop. */
    void release() {
        if (stalled != null) {
            stalled.cancel();
        }
        if (queue != null) {
            queue.release();
        }
    }
}
