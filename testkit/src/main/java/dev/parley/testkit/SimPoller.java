package dev.parley.testkit;

import dev.parley.net.mem.MemAddress;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The poller of one loop of a simulation. The loop gets its turn when one of its channels is ready, its timer is due,
 * or it was woken.
 */
final class SimPoller implements Poller, SimClock.Runner {
    /** A channel of the loop that may have something to report. */
    interface Ready {
        /** Checks what the channel can do now, and reports it. Called on the loop's thread, in its turn. */
        void ready();

        /**
         * Called when {@link #ready} threw this exception. Only this channel may fail because of it, and not the loop.
         */
        void broke(Throwable thrown);

        /**
         * Ends the channel, because its process has crashed. If {@code silently} is true, the whole host has lost its
         * power, and the peer gets no reset.
         */
        void crash(boolean silently);
    }

    /** A channel that listens. */
    interface Listening extends Ready {
        void register(SimPoller by, AcceptSink sink);
    }

    /** The host on which the poller's loop runs. */
    interface Host {
        String label();

        Channel connect(SimPoller by, MemAddress to, ChannelSink sink);

        void closed(SimPoller poller);
    }

    private final Semaphore turn = new Semaphore(0);
    private final Semaphore arrived = new Semaphore(0);
    private final Host host;
    private final SimClock clock;
    private final int number;
    private final Set<Ready> readyNow = new LinkedHashSet<>();
    private final Set<Ready> channels = new LinkedHashSet<>();
    private final Set<Listening> servers = new LinkedHashSet<>();
    private volatile @Nullable Thread thread;
    private volatile boolean woken;
    private volatile boolean over;
    private boolean crashed;
    private boolean endsWithItsLoop;
    private long deadlineNanos;

    SimPoller(Host host, SimClock clock, int number) {
        this.host = host;
        this.clock = clock;
        this.number = number;
    }

    @Override
    public Semaphore turn() {
        return turn;
    }

    @Override
    public Semaphore arrived() {
        return arrived;
    }

    @Override
    public boolean runsOn(Thread who) {
        return thread == who;
    }

    // Called under the clock's monitor.

    void schedule(Ready what) {
        if (!over) {
            readyNow.add(what);
        }
    }

    void add(Ready channel) {
        channels.add(channel);
    }

    void remove(Ready channel) {
        channels.remove(channel);
    }

    void add(Listening channel) {
        servers.add(channel);
    }

    void remove(Listening channel) {
        servers.remove(channel);
    }

    /** Stops the channels. They neither send nor report anything any more. The loop ends in its next turn. */
    void crash(boolean silently) {
        synchronized (clock) {
            crashed = true;
            woken = true;
            List.copyOf(channels).forEach(channel -> channel.crash(silently));
            List.copyOf(servers).forEach(server -> server.crash(silently));
            readyNow.clear();
        }
    }

    /**
     * Called if the loop was started through {@link SimNet}, which closes such a loop after a crash. Then the poller
     * need not throw an exception to end the loop.
     */
    void endsWithItsLoop() {
        endsWithItsLoop = true;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public boolean isRunnable(long nowNanos) {
        synchronized (clock) {
            return !over && (woken || !readyNow.isEmpty() || deadlineNanos <= nowNanos);
        }
    }

    @Override
    public long deadlineNanos() {
        synchronized (clock) {
            return deadlineNanos;
        }
    }

    // Called by the loop.

    @Override
    public void register(ServerChannel channel, AcceptSink sink) {
        synchronized (clock) {
            ((Listening) channel).register(this, sink);
        }
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) {
        synchronized (clock) {
            return host.connect(this, (MemAddress) endpoint, sink);
        }
    }

    @Override
    public void poll(long timeoutNanos) throws IOException {
        thread = Thread.currentThread();
        synchronized (clock) {
            long now = clock.nowNanos();
            deadlineNanos = timeoutNanos > SimClock.NEVER - now ? SimClock.NEVER : now + timeoutNanos;
        }
        clock.waitForTurn(this);
        for (Ready next : takeReady()) {
            try {
                next.ready();
            } catch (Throwable thrown) {
                next.broke(thrown);
            }
        }
    }

    /** Takes the ready channels, in a random order, since a kernel does not promise any order. */
    private List<Ready> takeReady() throws IOException {
        synchronized (clock) {
            woken = false;
            if (crashed && !endsWithItsLoop) {
                throw new IOException(host.label() + " has crashed");
            }
            var drawn = new ArrayList<Ready>(readyNow.size());
            for (Ready next : readyNow) {
                drawn.add(clock.random.nextInt(drawn.size() + 1), next);
            }
            readyNow.clear();
            return drawn;
        }
    }

    @Override
    public void wakeup() {
        woken = true;
        clock.wake(this);
    }

    @Override
    public void close() {
        synchronized (clock) {
            over = true;
            readyNow.clear();
            host.closed(this);
        }
        clock.closed(this);
    }

    @Override
    public String toString() {
        return "loop " + number + " of " + host.label();
    }
}
