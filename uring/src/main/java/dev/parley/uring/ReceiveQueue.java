package dev.parley.uring;

import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The received input of one connection on its way to the sink. It is passed on at once, or kept while the sink does not
 * want it, or if the connection has used up its share of the poll, so that no peer makes all others wait for what it
 * sends. Used on the loop's thread.
 */
final class ReceiveQueue {
    /**
     * The number of bytes that one poll passes on for one connection before it turns to the others; a buffer that was
     * begun is passed on whole.
     */
    private static final int SHARE_BYTES = 64 * 1024;

    private final UringCore core;
    private @Nullable DeferredInput deferred;

    /** The poll in which {@link #toldBytes} were counted. */
    private int poll;

    private int toldBytes;

    ReceiveQueue(UringCore core) {
        this.core = core;
    }

    /** Returns true if input is kept, so that nothing may be passed on before it. */
    boolean holds() {
        return deferred != null;
    }

    int heldBytes() {
        return deferred == null ? 0 : deferred.heldBytes();
    }

    /** Returns true if more may be passed on in this poll. */
    boolean hasShare() {
        if (poll != core.polls()) {
            poll = core.polls();
            toldBytes = 0;
        }
        return toldBytes < SHARE_BYTES;
    }

    /**
     * Passes bytes on, or keeps a copy.
     *
     * @return true if they were passed on
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
     * Passes on the next item that is kept.
     *
     * @return true if bytes were passed on, so that there may be more
     */
    boolean tellNext(ChannelSink sink) {
        DeferredInput now = deferred;
        if (now == null) {
            return false;
        }
        toldBytes += now.nextBytes();
        return now.tellNext(sink, this::forget);
    }

    /** Drops what is kept, since it will not be wanted. */
    void forget() {
        deferred = null;
    }
}
