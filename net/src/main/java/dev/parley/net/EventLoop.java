package dev.parley.net;

import dev.parley.net.nio.NioTransport;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One platform thread that owns many connections. Each turn: run what is queued, wait until a channel is ready or the
 * next timer is due, tell the connections what happened, fire timers.
 *
 * <p>Nothing that runs on the loop may block: while it does, every connection of the loop waits. Other threads reach
 * the loop through {@link #execute} alone.
 */
public final class EventLoop implements Executor, AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Thread thread;
    private final Poller poller;
    private final Transport transport;
    private final Ticker ticker;
    private final Limits limits;
    private final SocketOptions socketOptions;
    private final Hosts hosts;
    private final GuardedEvents events;
    private final Runnable stopWatchingTicker;

    /** Filled by any thread. */
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** What the loop's own callbacks put off until they have returned. */
    private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();

    private final TimerQueue timers = new TimerQueue();
    private final BufferPool buffers = new BufferPool();
    private final Set<LoopListener> listeners = new LinkedHashSet<>();
    private final Set<LoopConnection> connections = new LinkedHashSet<>();

    /** True while the loop waits, or is about to: only then is a wake-up needed, and of many one is enough. */
    private volatile boolean polling;

    private final AtomicBoolean wakeupSent = new AtomicBoolean();
    private volatile boolean closing;
    private volatile boolean closed;
    private long nowNanos;
    private boolean nowKnown;
    private long judgedNanos;

    private EventLoop(Builder builder) throws IOException {
        transport = builder.transport;
        ticker = builder.ticker;
        limits = builder.limits;
        socketOptions = builder.socketOptions;
        hosts = builder.hosts;
        events = new GuardedEvents(builder.events);
        poller = transport.openPoller();
        stopWatchingTicker = ticker.onAdvance(poller::wakeup);
        String name = builder.name.isEmpty() ? "parley-loop-" + NAMES.incrementAndGet() : builder.name;
        thread = Thread.ofPlatform().name(name).daemon(builder.daemon).unstarted(this::run);
    }

    /**
     * Starts a loop with every default.
     *
     * @throws UncheckedIOException when the system gives it no selector, most often for lack of descriptors
     */
    public static EventLoop start() {
        return builder().start();
    }

    /** Settings for a loop; each has a default. */
    public static Builder builder() {
        return new Builder();
    }

    // What users call, from any thread.

    /** Listens on an address; see {@link #listen(Address, Receiver)}. */
    public LoopListener listen(String address, Receiver receiver) throws BindFailedException {
        return listen(Address.parse(address), receiver);
    }

    /**
     * Binds and listens, and returns at once; from then on the receiver hears of every connection. A host name is
     * resolved on the calling thread, so the loop's own thread names literals or localhost only.
     *
     * @throws BindFailedException when an address of the host cannot be bound; then none is
     */
    public LoopListener listen(Address address, Receiver receiver) throws BindFailedException {
        return LoopListener.open(this, address, connection -> receiver);
    }

    /**
     * Accepts connections at an address that another loop listens on as well; each newcomer goes to one of the loops.
     * It ends with its own {@link LoopListener#close}, before that of the first one.
     *
     * @throws UnsupportedOperationException inside the process, where one loop alone can listen
     */
    public LoopListener listenWith(LoopListener first, Receiver receiver) {
        return LoopListener.sharing(first, this, receiver);
    }

    /** Connects to an address; see {@link #connect(Address, Receiver)}. */
    public LoopConnection connect(String address, Receiver receiver) {
        return connect(Address.parse(address), receiver);
    }

    /**
     * Starts to connect, trying every address of a name in turn, and returns at once. The receiver hears
     * {@code opened}, or {@code closed} with {@link CloseReason#CONNECT}, where
     * {@link LoopConnection#closeCause()} says what was tried.
     *
     * @throws AddressException when nobody can connect to such an address: {@code *}, or port 0
     */
    public LoopConnection connect(Address address, Receiver receiver) {
        Connecting.check(address, transport);
        var connection = LoopConnection.connecting(this, address, receiver);
        execute(connection::startConnecting);
        return connection;
    }

    /**
     * Runs a task on the loop's thread, in the order given. What it throws is reported to the events and harms nothing.
     *
     * @throws RejectedExecutionException when the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        if (!tryExecute(task)) {
            throw new RejectedExecutionException("the loop " + thread.getName() + " is closed");
        }
    }

    /**
     * Runs an action once, after a delay; on the loop's thread only.
     *
     * @param delay zero or more
     */
    public Timer schedule(Duration delay, Runnable action) {
        checkThread();
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a delay of " + delay + "; zero or more");
        }
        return timerAt(freshNanos() + Durations.nanos(delay), action);
    }

    /** Waits until the loop is closed and its thread has ended. */
    public void join() throws InterruptedException {
        thread.join();
    }

    /** Whether the caller runs on this loop's thread. */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** How bytes move here. */
    public Transport transport() {
        return transport;
    }

    /** The bounds and timeouts of its connections. */
    public Limits limits() {
        return limits;
    }

    /** How many buffers its send queues hold: 0 once it is closed, or something was lost. */
    public int buffersLent() {
        return buffers.lent();
    }

    /**
     * Stops listening, closes every connection with {@link CloseReason#DRAIN}, ends the thread and, unless called on
     * it, waits for that. Closing twice is harmless.
     */
    @Override
    public void close() {
        closing = true;
        poller.wakeup();
        if (isCurrent()) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "loop " + thread.getName() + " over " + transport.name();
    }

    // The loop.

    private void run() {
        try {
            while (!closing) {
                turn();
            }
        } catch (Throwable broken) {
            events.failed("the loop " + thread.getName() + " ends", broken);
        } finally {
            end();
        }
    }

    /**
     * Timers are judged by a clock read before the poll: whatever a peer had sent by then is told first, so a process
     * that was stopped for a while does not take its own absence for the peer's silence.
     */
    private void turn() throws IOException {
        // A callback that restored an interrupt would keep every later wait from waiting.
        var _ = Thread.interrupted();
        runTasks();
        long beforeNanos = ticker.nanos();
        nowKnown = false;
        polling = true;
        poller.poll(timeoutNanos(beforeNanos));
        polling = false;
        wakeupSent.set(false);
        runDeferred();
        fireTimers(beforeNanos);
    }

    private long timeoutNanos(long beforeNanos) {
        if (closing || !tasks.isEmpty() || !deferred.isEmpty()) {
            return 0;
        }
        long untilNext = timers.nanosUntilNext(beforeNanos);
        return untilNext == 0 || ticker.passesByItself() ? untilNext : Poller.FOREVER_NANOS;
    }

    private void runTasks() {
        // No more than are there now, so that tasks that add tasks leave the sockets their turn.
        for (int left = tasks.size(); left > 0; left--) {
            Runnable task = tasks.poll();
            if (task == null) {
                break;
            }
            guard("a task", task);
        }
        runDeferred();
    }

    private void runDeferred() {
        for (Runnable task = deferred.poll(); task != null; task = deferred.poll()) {
            guard("a callback", task);
        }
    }

    private void fireTimers(long beforePollNanos) {
        judgedNanos = beforePollNanos;
        // Not those that are set meanwhile: a timer that sets itself again leaves the sockets their turn.
        long madeBefore = timers.nextSequence();
        Timer due = timers.takeDue(judgedNanos, madeBefore);
        while (due != null) {
            guard("a timer", due::run);
            runDeferred();
            due = timers.takeDue(judgedNanos, madeBefore);
        }
    }

    private void guard(String what, Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            events.failed(what + " on the loop " + thread.getName() + " threw", thrown);
        }
    }

    private void end() {
        closing = true;
        stopWatchingTicker.run();
        for (LoopListener listener : new ArrayList<>(listeners)) {
            guard("closing a listener", listener::close);
        }
        runTasks();
        for (LoopConnection connection : new ArrayList<>(connections)) {
            guard("closing a connection", () -> connection.finish(CloseReason.DRAIN, null));
        }
        closed = true;
        runTasks();
        try {
            poller.close();
        } catch (IOException e) {
            events.failed("closing the poller of the loop " + thread.getName(), e);
        }
    }

    // What the connections and listeners of this package use.

    /** As {@link #execute}, but a closed loop is no error: false says that the task will not run. Any thread. */
    public boolean tryExecute(Runnable task) {
        if (closed) {
            return false;
        }
        tasks.add(task);
        if (polling && !isCurrent() && wakeupSent.compareAndSet(false, true)) {
            poller.wakeup();
        }
        // The loop may have ended between the two: then either it took the task in its last round, or we take it back.
        return !closed || !tasks.remove(task);
    }

    /** Runs after the callbacks that are under way have returned, in this same turn. */
    void defer(Runnable task) {
        deferred.add(task);
    }

    Timer timerAt(long atNanos, Runnable action) {
        return timers.add(atNanos, action);
    }

    /** The time of this turn: read once after the wait. */
    long nowNanos() {
        if (!nowKnown) {
            nowNanos = ticker.nanos();
            nowKnown = true;
        }
        return nowNanos;
    }

    /** The time now, by the loop's ticker; any thread. */
    public long freshNanos() {
        return ticker.nanos();
    }

    /** The time by which the timers that fire now are due: everything that happened before it has been told. */
    long judgedNanos() {
        return judgedNanos;
    }

    void checkThread() {
        if (!isCurrent()) {
            throw new IllegalStateException(
                    "called on the thread " + Thread.currentThread().getName() + ", but this belongs to the thread "
                            + thread.getName() + ": use loop.execute(…)");
        }
    }

    boolean isClosing() {
        return closing;
    }

    Poller poller() {
        return poller;
    }

    Hosts hosts() {
        return hosts;
    }

    SocketOptions socketOptions() {
        return socketOptions;
    }

    GuardedEvents events() {
        return events;
    }

    BufferPool buffers() {
        return buffers;
    }

    void add(LoopConnection connection) {
        connections.add(connection);
    }

    /** A descriptor has come free: who paused accepting for lack of one may go on. */
    void remove(LoopConnection connection) {
        connections.remove(connection);
        for (LoopListener listener : listeners) {
            listener.resumeAfterFailure();
        }
    }

    void add(LoopListener listener) {
        listeners.add(listener);
    }

    void remove(LoopListener listener) {
        listeners.remove(listener);
    }

    /** Collects the settings of a loop; not for several threads. */
    public static final class Builder {
        private Transport transport = new NioTransport();
        private Ticker ticker = Ticker.SYSTEM;
        private Limits limits = Limits.DEFAULT;
        private SocketOptions socketOptions = SocketOptions.DEFAULT;
        private Hosts hosts = Hosts.SYSTEM;
        private Events events = Events.logging();
        private String name = "";
        private boolean daemon;

        private Builder() {}

        /** How bytes move; by default over the JDK's selectors. */
        public Builder transport(Transport value) {
            transport = Objects.requireNonNull(value);
            return this;
        }

        /** The clock of timers and timeouts; by default the system's monotonic one. */
        public Builder ticker(Ticker value) {
            ticker = Objects.requireNonNull(value);
            return this;
        }

        /** Bounds and timeouts; by default {@link Limits#DEFAULT}. */
        public Builder limits(Limits value) {
            limits = Objects.requireNonNull(value);
            return this;
        }

        /** Options of its sockets; by default {@link SocketOptions#DEFAULT}. */
        public Builder socketOptions(SocketOptions value) {
            socketOptions = Objects.requireNonNull(value);
            return this;
        }

        /** How host names become IP addresses; by default the system's resolver. */
        public Builder hosts(Hosts value) {
            hosts = Objects.requireNonNull(value);
            return this;
        }

        /** Who is told what happens; by default {@link Events#logging}. */
        public Builder events(Events value) {
            events = Objects.requireNonNull(value);
            return this;
        }

        /** The thread's name; by default {@code parley-loop-} and a number. */
        public Builder name(String value) {
            name = Objects.requireNonNull(value);
            return this;
        }

        /** Whether the JVM may exit while the loop runs; by default not. */
        public Builder daemon(boolean value) {
            daemon = value;
            return this;
        }

        /**
         * Starts the loop's thread.
         *
         * @throws UncheckedIOException when the system gives it no selector, most often for lack of descriptors
         */
        public EventLoop start() {
            try {
                var loop = new EventLoop(this);
                loop.thread.start();
                return loop;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start an event loop: " + e.getMessage(), e);
            }
        }
    }
}
