package dev.parley.uring;

import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the received input of one connection is passed to the sink: at once, or later, if the sink does not want
 * it now or the connection has used up its share of the poll. The share keeps one peer from making all other peers
 * wait. Used on the loop's thread.
 */
final class ReceiveQueue {
    /**
     * The share: when one poll has passed on this many bytes of a connection, it passes on no more of them. A buffer is
     * always passed on whole, so the last buffer may exceed the share.
     */
    private static final int SHARE_BYTES = 64 * 1024;

    private final UringCore core;
    private @Nullable DeferredInput deferred;

    /** The number of the poll in which {@link #reportedBytes} were counted. */
    private int poll;

    private int reportedBytes;

    ReceiveQueue(UringCore core) {
        this.core = core;
    }

    /** Returns true if input is kept here, so that later input must wait too. */
    boolean holds() {
        return deferred != null;
    }

    int heldBytes() {
        return deferred == null ? 0 : deferred.heldBytes();
    }

    /** Returns true if more bytes may be passed on in this poll. */
    boolean hasShare() {
        if (poll != core.polls()) {
            poll = core.polls();
            reportedBytes = 0;
        }
        return reportedBytes < SHARE_BYTES;
    }

    /**
     * Passes the bytes on, or keeps a copy of them.
     *
     * @return true if the bytes were passed on
     */
    boolean take(ByteBuffer bytes, ChannelSink sink, boolean wanted) {
        if (wanted && deferred == null && hasShare()) {
            reportedBytes += bytes.remaining();
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
    boolean notifyNext(ChannelSink sink) {
        DeferredInput now = deferred;
        if (now == null) {
            return false;
        }
        reportedBytes += now.nextBytes();
        return now.notifyNext(sink, this::forget);
    }

    /** Drops the input that is kept. */
    void forget() {
        deferred = null;
    }
}
