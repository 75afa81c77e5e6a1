package dev.parley.testkit;

import dev.parley.net.mem.MemAddress;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.ServerChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A listening channel of a simulated network, with the connections that wait to be accepted. */
final class SimServerChannel implements ServerChannel, SimPoller.Listening {
    private final SimHost host;
    private final SimClock clock;
    private final MemAddress local;
    private final int backlogMax;
    private final Queue<SimChannel> backlog = new ArrayDeque<>();
    private @Nullable SimPoller poller;
    private @Nullable AcceptSink sink;
    private boolean wantsAccept = true;
    private boolean closed;

    SimServerChannel(SimHost host, MemAddress local, int backlogMax) {
        this.host = host;
        this.clock = host.wire().clock();
        this.local = local;
        this.backlogMax = backlogMax;
    }

    // Called under the clock's monitor.

    @Override
    public void register(SimPoller by, AcceptSink toTell) {
        poller = by;
        sink = toTell;
        by.add(this);
        wake();
    }

    SimHost host() {
        return host;
    }

    boolean hasRoom() {
        return backlog.size() < backlogMax;
    }

    void enqueue(SimChannel channel) {
        backlog.add(channel);
        wake();
    }

    private void wake() {
        SimPoller by = poller;
        if (by != null && wantsAccept && !backlog.isEmpty()) {
            by.schedule(this);
        }
    }

    @Override
    public void crash(boolean silently) {
        backlog.forEach(channel -> channel.crash(silently));
        backlog.clear();
        close();
    }

    // Called by the loop.

    @Override
    public void ready() {
        for (SimChannel next = takeOne(); next != null; next = takeOne()) {
            AcceptSink toTell = sink;
            if (toTell != null && poller != null) {
                next.accepted(poller, toTell.accepted(next));
            }
        }
    }

    private @Nullable SimChannel takeOne() {
        synchronized (clock) {
            return closed || !wantsAccept ? null : backlog.poll();
        }
    }

    @Override
    public void broke(Throwable thrown) {
        System.getLogger("dev.parley").log(System.Logger.Level.ERROR, "accepting on " + local, thrown);
    }

    @Override
    public MemAddress localAddress() {
        return local;
    }

    @Override
    public void wantAccept(boolean wanted) {
        synchronized (clock) {
            wantsAccept = wanted;
            wake();
        }
    }

    @Override
    public ServerChannel share() {
        throw new UnsupportedOperationException("an address inside the process is listened on by one loop only");
    }

    @Override
    public void close() {
        synchronized (clock) {
            if (closed) {
                return;
            }
            closed = true;
            sink = null;
            host.names().unbind(this);
            if (poller != null) {
                poller.remove(this);
            }
            backlog.forEach(SimChannel::reset);
            backlog.clear();
        }
    }
}
