package dev.parley.net.mem;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A queue of channels that may be ready. Other loops and threads add channels to it, and wake the loop that waits. */
final class MemPoller implements Poller {
    /**
     * A channel or a server channel that may have become ready. The poller calls {@link #ready}, which finds out
     * whether it is ready.
     */
    abstract static class Ready {
        private final AtomicBoolean queued = new AtomicBoolean();

        /**
         * Checks what is possible now, such as a read or a write, and calls the sink. Called on the poller's thread.
         */
        abstract void ready();

        /** Handles an exception that {@link #ready} has thrown, which must end only this channel, not the loop. */
        abstract void broke(Throwable thrown);
    }

    private final MemNetwork network;
    private final Queue<Ready> readyQueue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile @Nullable Thread waiting;

    MemPoller(MemNetwork network) {
        this.network = network;
    }

    /** Adds a channel that may be ready, and wakes the loop if it waits. Any thread may call this. */
    void schedule(Ready what) {
        if (!what.queued.getAndSet(true)) {
            readyQueue.add(what);
            LockSupport.unpark(waiting);
        }
    }

    @Override
    public void register(ServerChannel channel, AcceptSink sink) {
        ((MemServerChannel) channel).register(this, sink);
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
        MemServerChannel server = network.find((MemAddress) endpoint);
        return MemChannel.connect(this, server, sink, network.pipeBytes());
    }

    @Override
    public void poll(long timeoutNanos) {
        if (timeoutNanos != 0 && !awake()) {
            waiting = Thread.currentThread();
            if (!awake()) {
                park(timeoutNanos);
            }
            waiting = null;
        }
        woken.set(false);
        // Handle only the channels that are queued now. Channels that become ready during this call wait for the next
        // turn, as with a real poll.
        for (int left = readyQueue.size(); left > 0; left--) {
            Ready next = readyQueue.poll();
            if (next == null) {
                return;
            }
            next.queued.set(false);
            try {
                next.ready();
            } catch (Throwable thrown) {
                next.broke(thrown);
            }
        }
    }

    private void park(long timeoutNanos) {
        if (timeoutNanos == FOREVER_NANOS) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, timeoutNanos);
        }
    }

    private boolean awake() {
        return woken.get() || !readyQueue.isEmpty();
    }

    @Override
    public void wakeup() {
        woken.set(true);
        LockSupport.unpark(waiting);
    }

    @Override
    public void close() {
        readyQueue.clear();
    }
}
