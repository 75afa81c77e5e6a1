package dev.parley.net.accept;

import dev.parley.net.time.Ticker;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A poller that lets the connections of a {@link HandshakeServerChannel} shake hands before they are reported to the
 * listener; it passes on all other channels of the poller below. It also runs what such a channel must do on the loop's
 * thread. Like every poller, it belongs to the loop's thread.
 */
public abstract class HandshakePoller implements Poller {
    private final Poller below;
    private final Ticker ticker;
    private final Handshakes handshakes;
    private final HourlyTasks hourlyTasks;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** The loop's thread; null until it uses this poller. */
    private volatile @Nullable Thread thread;

    private volatile long turns;

    /** True once there is a channel that shakes hands. Until then, this poller only passes on. */
    private boolean isUsed;

    /**
     * Makes a poller.
     *
     * @param below the poller of the loop's transport
     * @param ticker measures how long handshakes take
     */
    protected HandshakePoller(Poller below, Ticker ticker) {
        this.below = below;
        this.ticker = ticker;
        this.handshakes = new Handshakes(ticker);
        this.hourlyTasks = new HourlyTasks(ticker, this);
    }

    /** {@return the poller of the loop's transport} */
    protected final Poller below() {
        return below;
    }

    /** {@return the ticker that measures how long handshakes take} */
    public final Ticker ticker() {
        return ticker;
    }

    /** {@return whether the loop lives in the time of the system, and not in one that a test moves} */
    @SuppressWarnings("ReferenceEquality") // there is one ticker of the system
    public final boolean isInSystemTime() {
        return ticker == Ticker.SYSTEM;
    }

    Handshakes handshakes() {
        return handshakes;
    }

    HourlyTasks hourlyTasks() {
        return hourlyTasks;
    }

    /** {@return how many handshakes of accepted connections are under way} Any thread may call this. */
    public final int handshakesUnderWay() {
        return handshakes.count();
    }

    /**
     * Runs a task on the loop's thread, inside {@link #poll}. Any thread may call this.
     *
     * @param task the task
     */
    public final void execute(Runnable task) {
        tasks.add(task);
        below.wakeup();
    }

    /**
     * Runs a task in the next turn. Called on the loop's thread.
     *
     * @param task the task
     */
    public final void later(Runnable task) {
        tasks.add(task);
    }

    /** {@return whether the caller runs on the loop's thread} */
    public final boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /**
     * {@return the number of polls that have ended} What the loop's thread writes may leave only in the next poll, and
     * so surely has left when this number has grown by two.
     */
    public final long turns() {
        return turns;
    }

    /** Called on the loop's thread when a channel is about to shake hands. */
    protected final void begin() {
        isUsed = true;
        thread = Thread.currentThread();
    }

    /** Registers a channel as every poller does. The connections of a {@link HandshakeServerChannel} shake hands. */
    @Override
    public final void register(ServerChannel channel, AcceptSink sink) throws IOException {
        ServerChannel accepting = channel;
        AcceptSink lowest = sink;
        while (accepting instanceof HandshakeServerChannel listener) {
            begin();
            listener.registered(this);
            lowest = new Step(this, listener, lowest);
            accepting = listener.below();
        }
        below.register(accepting, new Step(this, null, lowest));
    }

    /**
     * One step of a connection on its way to the listener.
     *
     * @param poller the poller of the loop that the connection belongs to
     * @param listener begins the handshake of this step; null if this step only passes the connection on
     * @param above the next step, or the listener's own sink
     */
    private record Step(HandshakePoller poller, @Nullable HandshakeServerChannel listener, AcceptSink above)
            implements AcceptSink {
        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            above.acceptedSocket(new Socket(acceptedSocket, listener));
        }

        @Override
        public ChannelSink accepted(Channel channel) {
            return listener == null ? above.accepted(channel) : listener.begin(poller, channel, above);
        }

        @Override
        public void acceptFailed(IOException cause) {
            above.acceptFailed(cause);
        }

        @Override
        public void refused(SocketAddress peer, IOException cause) {
            above.refused(peer, cause);
        }

        @Override
        public void refused(SocketAddress peer, Optional<InetSocketAddress> claimed, IOException cause) {
            above.refused(peer, claimed, cause);
        }
    }

    /** A connection that goes to one of several loops, each of which has a poller of this kind. */
    private record Socket(AcceptedSocket below, @Nullable HandshakeServerChannel listener) implements AcceptedSocket {
        @Override
        public void join(Poller poller, AcceptSink sink) {
            var joined = (HandshakePoller) poller;
            if (listener == null) {
                below.join(joined.below, sink);
            } else {
                below.join(joined, new Step(joined, listener, sink));
            }
        }

        @Override
        public void refuse() {
            below.refuse();
        }
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
        return below.connect(endpoint, options, sink);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread writes it
    public final void poll(long timeoutNanos) throws IOException {
        if (!isUsed) {
            below.poll(timeoutNanos);
            return;
        }
        runTasks();
        below.poll(tasks.isEmpty() ? handshakes.untilFirstDeadline(hourlyTasks.untilDue(timeoutNanos)) : 0);
        turns++;
        runTasks();
        handshakes.endOverdue();
        hourlyTasks.runDue();
    }

    private void runTasks() {
        for (int left = tasks.size(); left > 0; left--) {
            Runnable task = tasks.poll();
            if (task != null) {
                task.run();
            }
        }
    }

    @Override
    public final void wakeup() {
        below.wakeup();
    }

    @Override
    public final long heldBytes() {
        return below.heldBytes();
    }

    @Override
    public final void close() throws IOException {
        below.close();
    }
}
