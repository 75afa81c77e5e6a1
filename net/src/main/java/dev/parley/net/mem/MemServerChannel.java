package dev.parley.net.mem;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.ServerChannel;
import java.net.ConnectException;
import java.net.SocketException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A name that is bound, and the connections that wait to be accepted. */
final class MemServerChannel extends MemPoller.Ready implements ServerChannel {
    private static final int ACCEPTS_PER_TURN = 64;

    private final MemNetwork network;
    private final MemAddress local;
    private final BlockingQueue<MemChannel> backlog;
    private volatile @Nullable MemPoller poller;
    private volatile boolean closed;
    private @Nullable AcceptSink sink;
    private boolean wantsAccept = true;

    MemServerChannel(MemNetwork network, MemAddress local, int backlogConnections) {
        this.network = network;
        this.local = local;
        this.backlog = new LinkedBlockingQueue<>(backlogConnections);
    }

    void register(MemPoller by, AcceptSink toTell) {
        sink = toTell;
        poller = by;
        by.schedule(this);
    }

    /** Adds a connection that waits to be accepted. Called on the thread of the loop that connects. */
    void enqueue(MemChannel channel) throws ConnectException {
        if (closed || !backlog.offer(channel)) {
            throw new ConnectException("Connection refused");
        }
        if (closed) {
            resetWaiting();
        }
        wake();
    }

    private void wake() {
        MemPoller by = poller;
        if (by != null) {
            by.schedule(this);
        }
    }

    @Override
    void ready() {
        MemPoller by = poller;
        for (int left = ACCEPTS_PER_TURN; left > 0 && wantsAccept && !backlog.isEmpty(); left--) {
            AcceptSink toTell = sink;
            if (toTell == null || by == null) {
                return;
            }
            if (!network.mayAccept()) {
                toTell.acceptFailed(new SocketException("Too many open files"));
                return;
            }
            MemChannel next = backlog.poll();
            if (next == null) {
                network.acceptedClosed();
                return;
            }
            accept(next, by, toTell);
        }
        if (wantsAccept && !backlog.isEmpty()) {
            wake();
        }
    }

    private static void accept(MemChannel next, MemPoller by, AcceptSink toTell) {
        try {
            next.accepted(by, toTell.accepted(next));
        } catch (Throwable thrown) {
            next.close();
            throw thrown;
        }
    }

    @Override
    void broke(Throwable thrown) {
        System.getLogger("dev.parley").log(System.Logger.Level.ERROR, "accepting on " + local, thrown);
    }

    void acceptedClosed() {
        network.acceptedClosed();
    }

    @Override
    public MemAddress localAddress() {
        return local;
    }

    @Override
    public void wantAccept(boolean wanted) {
        wantsAccept = wanted;
        if (wanted) {
            wake();
        }
    }

    @Override
    public ServerChannel share() {
        throw new UnsupportedOperationException("an address inside the process is listened on by one loop only");
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        sink = null;
        network.unbind(this);
        resetWaiting();
    }

    private void resetWaiting() {
        for (MemChannel waiting = backlog.poll(); waiting != null; waiting = backlog.poll()) {
            // This connection was never accepted, so it must not be counted as an accepted connection that closes.
            waiting.abandon();
        }
    }
}
