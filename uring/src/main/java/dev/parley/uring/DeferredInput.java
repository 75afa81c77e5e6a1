package dev.parley.uring;

import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The input of a connection that arrived while the layer above did not want it: bytes, and then perhaps an end or a
 * failure.
 */
final class DeferredInput {
    private final ArrayDeque<ByteBuffer> bytes = new ArrayDeque<>();
    private int heldBytes;
    private boolean ended;
    private @Nullable IOException failure;

    /** Adds a copy of the bytes, because their buffer is given back to the kernel. */
    void add(ByteBuffer more) {
        heldBytes += more.remaining();
        bytes.addLast(ByteBuffer.allocate(more.remaining()).put(more).flip().asReadOnlyBuffer());
    }

    int heldBytes() {
        return heldBytes;
    }

    /** Returns the number of bytes that the next {@link #notifyNext} passes on. */
    int nextBytes() {
        ByteBuffer next = bytes.peek();
        return next == null ? 0 : next.remaining();
    }

    void end() {
        ended = true;
    }

    void fail(IOException cause) {
        failure = cause;
    }

    /**
     * Passes the next item to the sink.
     *
     * @param whenEmpty an action that runs before the last item is passed
     * @return true if bytes were passed, so that there may be more
     */
    boolean notifyNext(ChannelSink sink, Runnable whenEmpty) {
        ByteBuffer next = bytes.poll();
        if (bytes.isEmpty() && (next == null || !ended && failure == null)) {
            whenEmpty.run();
        }
        if (next != null) {
            heldBytes -= next.remaining();
            sink.received(next);
            return true;
        }
        IOException cause = failure;
        if (cause != null) {
            sink.failed(cause);
        } else if (ended) {
            sink.ended();
        }
        return false;
    }
}
