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
 * The output that a connection has still to send, and the watch over a peer that takes none of it. It is made for the
 * first byte that must wait: most connections never need it. Used only on the loop's thread, except for {@link
 * #progressed}.
 *
 * <p>The system says that a socket takes bytes again only when much of its buffer is free: Linux wants three quarters
 * of a Unix socket's, and a third of a TCP one's. A peer that reads slowly needs long for that. So the watch looks by
 * itself, several times before it gives up: it tries to write, and asks how much the peer has not taken yet, if the
 * transport knows that.
 */
final class PendingOutput implements IdleTimer.Target {
    /** The number of looks within the write timeout. A peer that is seen to take something in between goes on. */
    private static final int LOOKS = 4;

    private final Owner owner;
    private final SendQueue queue;
    private final long timeoutNanos;
    private final long lookEveryNanos;
    private final IdleTimer stalled;

    private boolean tellWhenDrained;

    /** The time when the system, or the peer, was last seen to take something. */
    private volatile long progressNanos;

    /** The bytes that the peer had not taken at the last look; {@link Channel#UNKNOWN} before the first. */
    private long unsentBytes = Channel.UNKNOWN;

    /** The connection's output, of which this is what must wait. */
    interface Owner {
        LoopCore core();

        Limits limits();

        BufferPool buffers();

        /** Returns the channel; null while there is none. */
        @Nullable
        Channel channel();

        /** Returns true if {@link #sent} is to be called. */
        boolean seesTraffic();

        /** Notes that the system has taken these bytes. */
        void sent(ByteBuffer bytes);

        /** Tries to send what waits. */
        void flush();

        /** Returns true if the blocking view has begun a write that has not ended. */
        boolean isDirectWriteUnfinished();

        /** Lets the blocking view try its write again; returns whether it has tried since it was asked last. */
        boolean tryDirectWriteAgain();

        /**
         * Ends the connection, since the peer has taken nothing within the write timeout.
         *
         * @param unsent describes what the peer will miss; null if another thread's write reports that
         */
        void stalled(@Nullable IOException unsent);
    }

    PendingOutput(Owner owner) {
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

    /** Looks whether the peer takes bytes, since the system has reported nothing for a while. */
    @Override
    public void silent() {
        boolean waits = !isEmpty() || tellWhenDrained || owner.isDirectWriteUnfinished();
        if (!waits) {
            stalled.stop();
            return;
        }
        boolean hasTried = tryToSend();
        Channel open = owner.channel();
        if (open == null || !stalled.isRunning()) {
            return; // all has left, or it is over
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

    /** Returns what the peer will miss; null if another thread's write was cut off, which that thread reports. */
    private @Nullable IOException unsent() {
        return isEmpty() ? null : new IOException(queuedBytes() + " bytes were not sent");
    }

    /** Tries to send, since the system may take bytes though it has not said so; returns whether that was tried. */
    private boolean tryToSend() {
        if (isEmpty()) {
            return owner.tryDirectWriteAgain();
        }
        owner.flush();
        return true;
    }

    /** Asks for a call of {@link Receiver#writable}. */
    void tellWhenDrained() {
        tellWhenDrained = true;
    }

    /** Returns true if {@link Receiver#writable} is to be called now, and forgets it. */
    boolean takeTellWhenDrained() {
        boolean taken = tellWhenDrained;
        tellWhenDrained = false;
        return taken;
    }

    /** Returns true if the peer has taken something since the last look; nothing is added meanwhile. */
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

    /** Returns how much memory that takes, which is more if the last buffer is not full. */
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

    /**
     * Returns an error if too much is queued: a sender that ignores what send returns would take the memory of all
     * others.
     */
    private @Nullable IOException fullOrNull() {
        long bytesMax = owner.limits().queuedBytesMax();
        return queuedBytes() < bytesMax
                ? null
                : new IOException("more than " + bytesMax
                        + " bytes are queued: the peer does not read them, and send has returned false");
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
        Consumer<ByteBuffer> each = owner.seesTraffic() ? owner::sent : null;
        if (queue.writeTo(channel, each) == 0) {
            return false;
        }
        unsentBytes = Channel.UNKNOWN;
        progressNanos = core().nowNanos();
        stalled.touch(progressNanos);
        return true;
    }

    /** Asks for a call when the system takes bytes again, and starts the watch if it does not run. */
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
