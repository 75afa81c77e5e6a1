package dev.parley.uring;

import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has received, on its way to the sink: told at once, or kept, while nobody wants it, and when this
 * connection has been told its share of the poll, so that no peer has all others wait for what it sends. The loop's
 * thread.
 */
final class ReceiveQueue {
    /** What one poll tells of one connection before it turns to the others; a buffer that was begun is told whole. */
    private static final int SHARE_BYTES = 64 * 1024;

    private final UringPoller poller;
    private @Nullable DeferredInput deferred;

    /** The poll that {@link #toldBytes} are of. */
    private int poll;

    private int toldBytes;

    ReceiveQueue(UringPoller poller) {
        this.poller = poller;
    }

    /** Whether something is kept, so that nothing may be told before it. */
    boolean holds() {
        return deferred != null;
    }

    int heldBytes() {
        return deferred == null ? 0 : deferred.heldBytes();
    }

    /** Whether more may be told in this poll. */
    boolean hasShare() {
        if (poll != poller.polls()) {
            poll = poller.polls();
            toldBytes = 0;
        }
        return toldBytes < SHARE_BYTES;
    }

    /**
     * Tells bytes, or keeps a copy.
     *
     * @return whether they were told
     */
    boolean take(ByteBuffer bytes, ChannelSink sink, boolean wanted) {
        if (wanted && deferred == null && hasShare()) {
            toldBytes += bytes.remaining();
            sink.received(bytes);
            return true;
        }
        deferred().add(bytes);
        return false;
    }

    void end(ChannelSink sink, boolean wanted) {
        if (wanted && deferred == null) {
            sink.ended();
        } else {
            deferred().end();
        }
    }

    void fail(IOException cause, ChannelSink sink, boolean wanted) {
        if (wanted && deferred == null) {
            sink.failed(cause);
        } else {
            deferred().fail(cause);
        }
    }

    private DeferredInput deferred() {
        DeferredInput now = deferred;
        if (now == null) {
            now = new DeferredInput();
            deferred = now;
        }
        return now;
    }

    /**
     * Tells the next of what is kept.
     *
     * @return whether bytes were told, so that there may be more
     */
    boolean tellNext(ChannelSink sink) {
        DeferredInput now = deferred;
        if (now == null) {
            return false;
        }
        toldBytes += now.nextBytes();
        return now.tellNext(sink, this::forget);
    }

    /** Nobody will want it. */
    void forget() {
        deferred = null;
    }
}
