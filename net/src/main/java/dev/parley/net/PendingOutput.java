package dev.parley.net;

import dev.parley.net.core.IdleTimer;
import dev.parley.net.core.LoopCore;
import dev.parley.net.core.Nanos;
import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a connection still has to send, and the decision that its peer has taken none of them for too long. It
 * is created when the first byte must wait, and most connections never need it. Used only on the loop's thread, except
 * for {@link #progressed}.
 *
 * <p>The system reports that a socket takes bytes again only when a large part of its buffer is free: on Linux, three
 * quarters of the buffer of a Unix socket, and a third of that of a TCP socket. A peer that reads slowly needs a long
 * time for that. So this class checks by itself, several times before it gives up: it tries to write, and if the
 * transport knows how many bytes the peer has not taken yet, it asks for that number.
 */
final class PendingOutput implements IdleTimer.Target {
    /**
     * The number of checks within the write timeout. If a check finds that the peer has taken bytes, the timeout begins
     * again.
     */
    private static final int LOOKS = 4;

    private final Context owner;
    private final SendQueue queue;
    private final long timeoutNanos;
    private final long lookEveryNanos;
    private final IdleTimer stalled;

    private boolean notifyWhenDrained;

    /** The last time at which we saw that the system, or the peer, had taken bytes. */
    private volatile long progressNanos;

    /**
     * The number of bytes that the peer had not taken at the last check; {@link Channel#UNKNOWN} before the first
     * check.
     */
    private long unsentBytes = Channel.UNKNOWN;

    /** The whole output of the connection; a {@code PendingOutput} is the part of it that must wait. */
    interface Context {
        LoopCore core();

        Limits limits();

        BufferPool buffers();

        /** Returns the channel; null while there is none. */
        @Nullable
        Channel channel();

        /** Returns true if {@link #sent} must be called. */
        boolean seesTraffic();

        /** Called with the bytes that the system has taken. */
        void sent(ByteBuffer bytes);

        /** Tries to send the queued bytes. */
        void flush();

        /** Returns true if a blocking {@link Connection} has begun a write that has not ended. */
        boolean isDirectWriteUnfinished();

        /**
         * If a write of a blocking {@link Connection} waits, wakes its thread, so that the write is tried again.
         * Returns true if the write waits again after an earlier call has woken it; then it was tried since that call.
         */
        boolean tryDirectWriteAgain();

        /**
         * Ends the connection, because the peer has taken nothing within the write timeout.
         *
         * @param unsent says how many bytes the peer will miss; null if a write of another thread was cut off, since
         *     that thread reports it
         */
        void stalled(@Nullable IOException unsent);

        /** Ends the connection, because code that {@link #silent} has called threw. */
        void threw(Throwable thrown);
    }

    PendingOutput(Context owner) {
        this.owner = owner;
        queue = new SendQueue(owner.buffers());
        timeoutNanos = Nanos.ofTimeout(owner.limits().writeTimeout());
        lookEveryNanos = timeoutNanos == Long.MAX_VALUE ? timeoutNanos : Math.max(1, timeoutNanos / LOOKS);
        stalled = new IdleTimer(lookEveryNanos, this);
    }

    @Override
    public LoopCore core() {
        return owner.core();
    }

    /**
     * Called when the system has reported nothing for a while. A check may call the receiver, and what that throws ends
     * only this connection.
     */
    @Override
    public void silent() {
        try {
            check();
        } catch (Throwable thrown) {
            owner.threw(thrown);
        }
    }

    /** Checks whether the peer takes bytes. */
    private void check() {
        boolean waits = !isEmpty() || notifyWhenDrained || owner.isDirectWriteUnfinished();
        if (!waits) {
            stalled.stop();
            return;
        }
        boolean hasTried = tryToSend();
        Channel open = owner.channel();
        if (open == null || !stalled.isRunning()) {
            return; // everything was sent, or the connection is over
        }
        long nowNanos = core().judgedNanos();
        if (hasMoved(open)) {
            progressNanos = nowNanos;
        }
        long leftNanos = progressNanos + timeoutNanos - nowNanos;
        if (leftNanos <= 0 && hasTried) {
            owner.stalled(unsent());
        } else {
            long waitNanos = leftNanos <= 0 ? lookEveryNanos : Math.min(lookEveryNanos, leftNanos);
            stalled.start(nowNanos + waitNanos - lookEveryNanos);
        }
    }

    /**
     * Returns an exception that says how many bytes the peer will miss; null if a write of another thread was cut off,
     * since that thread reports it.
     */
    private @Nullable IOException unsent() {
        return isEmpty() ? null : new IOException(queuedBytes() + " bytes were not sent");
    }

    /**
     * Tries to send, because the system may take bytes even if it has not reported that it does. Returns true if a
     * write was tried.
     */
    private boolean tryToSend() {
        if (isEmpty()) {
            return owner.tryDirectWriteAgain();
        }
        owner.flush();
        return true;
    }

    /** Requests a call of {@link Receiver#writable}. */
    void notifyWhenDrained() {
        notifyWhenDrained = true;
    }

    /** Returns true if a call of {@link Receiver#writable} was requested, and removes the request. */
    boolean takeTellWhenDrained() {
        boolean taken = notifyWhenDrained;
        notifyWhenDrained = false;
        return taken;
    }

    /** Returns true if the peer has taken bytes since the last check. No bytes are added between two checks. */
    private boolean hasMoved(Channel open) {
        long before = unsentBytes;
        unsentBytes = open.unsentBytes();
        return before != Channel.UNKNOWN && unsentBytes < before;
    }

    /** Records that the system has taken bytes. Any thread may call this. */
    void progressed(long nowNanos) {
        progressNanos = nowNanos;
    }

    long queuedBytes() {
        return queue.queuedBytes();
    }

    /**
     * Returns how much memory the queued bytes take. If the last buffer is not full, this is more than their number.
     */
    long heldBytes() {
        return queue.heldBytes();
    }

    boolean isEmpty() {
        return queuedBytes() == 0;
    }

    /**
     * Copies the bytes to the end of the queue.
     *
     * @return null on success; otherwise an error, after which the connection must end, since some bytes may have been
     *     copied
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
     * Adds parts to the end of the queue without a copy: either all of them, or none.
     *
     * @return null on success; otherwise an error, after which the connection must end
     */
    @Nullable
    IOException addLent(ByteBuffer[] parts) {
        IOException full = fullOrNull();
        for (int i = 0; full == null && i < parts.length; i++) {
            queue.addLent(parts[i]);
        }
        return full;
    }

    /**
     * Returns an error if too much is queued, so that a sender that ignores the result of {@code send} does not take
     * the memory of all other connections; null if there is room.
     */
    private @Nullable IOException fullOrNull() {
        long bytesMax = owner.limits().queuedBytesMax();
        return queuedBytes() < bytesMax
                ? null
                : new IOException("more than " + bytesMax
                        + " bytes are queued: the peer does not read them, and send has returned false");
    }

    /**
     * Adds a part of a file to the end of the queue.
     *
     * @return null on success; otherwise an error, after which the connection must end
     */
    @Nullable
    IOException add(SendFile.Region region) {
        IOException full = fullOrNull();
        if (full == null) {
            queue.add(region);
        }
        return full;
    }

    /**
     * Writes once, as many of the queued bytes as the system takes.
     *
     * @return whether the system took any bytes
     */
    boolean writeTo(Channel channel) throws IOException {
        Consumer<ByteBuffer> each = owner.seesTraffic() ? owner::sent : null;
        if (queue.writeTo(channel, each) == 0) {
            return false;
        }
        unsentBytes = Channel.UNKNOWN;
        progressNanos = core().nowNanos();
        stalled.touch(progressNanos);
        return true;
    }

    /**
     * Requests a call of {@link Context#flush} when the system takes bytes again, and starts the checks if they do not
     * run yet.
     */
    void awaitWritable(Channel channel) {
        if (!stalled.isRunning()) {
            unsentBytes = Channel.UNKNOWN;
            progressNanos = core().nowNanos();
            stalled.start(progressNanos);
        }
        channel.wantWrite(true);
    }

    /** Stops waiting and checking, because nothing is queued any more. */
    void stopWaiting(Channel channel) {
        channel.wantWrite(false);
        stalled.stop();
    }

    /** Returns the buffers to the loop, because the connection is over. */
    void release() {
        stalled.cancel();
        queue.release();
    }
}
