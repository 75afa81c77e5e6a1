package dev.parley.net;

import dev.parley.net.transport.Poller;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread that owns many connections. Each turn: run what is queued, wait until a channel is ready or the
 * next timer is due, tell the connections what happened, fire timers. This is the selector loop of the tutorial's
 * multi-connection server, with everything around it that a server needs.
 *
 * {@snippet :
 * try (var loop = EventLoop.start()) {
 *     LoopListener listener = loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
 *     System.out.println("listening on " + listener.address());
 *     loop.execute(() -> loop.schedule(Duration.ofMinutes(1), loop::close)); // timers are the loop's own
 *     loop.join();
 * }
 * }
 *
 * <p>Nothing that runs on the loop may block: while it does, every connection of the loop waits. Other threads reach
 * the loop through {@link #execute} alone. What its callbacks throw never ends it.
 */
public final class EventLoop implements Executor, AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final long PAUSE_AFTER_ERROR_NANOS = Duration.ofMillis(10).toNanos();

    private final Thread thread;
    private final Poller poller;
    private final LoopTransport transport;
    private final Ticker ticker;
    private final Limits limits;
    private final SocketOptions socketOptions;
    private final HostResolver hostResolver;
    private final GuardedObserver observer;
    private final Runnable stopWatchingTicker;
    private final BlockedLoopDetector watch = new BlockedLoopDetector(this);

    private final TaskQueue tasks = new TaskQueue(this);
    private final TimerQueue timers = new TimerQueue();
    private final Consumer<Timer> fire = this::fire;
    private final ResponsiveClock responsiveClock;
    private final BufferPool buffers = new BufferPool();
    private final MemoryAccount memory;
    private final Set<LoopListener> listeners = new LinkedHashSet<>();
    private final OpenConnections connections = new OpenConnections();

    /** True while the loop waits, or is about to: only then is a wake-up needed, and of many one is enough. */
    private volatile boolean polling;

    private final AtomicBoolean wakeupSent = new AtomicBoolean();
    private volatile boolean closing;
    private volatile boolean closed;
    /** Counted on the loop's thread; {@link #polling}, written after it, publishes it to the watch. */
    private long turns;

    /** The last turn in which a poll told something: callbacks run inside of it. */
    private final AtomicLong tellingTurn = new AtomicLong(-1);

    private long nowNanos;
    private boolean awake = true;
    private long judgedNanos;

    EventLoop(Builder builder, LoopTransport granted) {
        transport = granted;
        ticker = builder.ticker;
        nowNanos = ticker.nanos();
        responsiveClock = new ResponsiveClock(ticker.passesByItself(), nowNanos);
        limits = builder.limits;
        socketOptions = builder.socketOptions;
        hostResolver = builder.hostResolver;
        observer = new GuardedObserver(builder.observer);
        poller = transport.poller();
        memory = new MemoryAccount(this, builder.memory);
        stopWatchingTicker = ticker.onAdvance(poller::wakeup);
        String name = builder.name.isEmpty() ? "parley-loop-" + NAMES.incrementAndGet() : builder.name;
        thread = new LoopThread(name, builder.daemon, this::run);
    }

    /**
     * Starts a loop with every default. Any thread.
     *
     * @return the loop, running; the caller closes it
     * @throws UncheckedIOException when the system gives it no selector, most often for lack of descriptors
     */
    public static EventLoop start() {
        return builder().start();
    }

    /** {@return settings for a loop; each has a default} */
    public static Builder builder() {
        return new Builder();
    }

    // What users call, from any thread.

    /**
     * Listens on an address; see {@link #listen(Address, Receiver)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @param receiver hears of every connection
     * @return the listener, bound; it ends with the loop at the latest
     * @throws BindFailedException when an address of the host cannot be bound; then none is
     * @throws AddressException when the text is no address, or this loop's transport has no such addresses
     */
    public LoopListener listen(String address, Receiver receiver) throws BindFailedException {
        return listen(Address.parse(address), receiver);
    }

    /**
     * Binds and listens, and returns at once; from then on the receiver hears of every connection. Any thread. A host
     * name is resolved on the calling thread, which may take as long as the resolver does, so the loop's own thread
     * names literals or localhost only.
     *
     * @param address port 0, or an empty name, takes a free one
     * @param receiver one for all connections; where each needs state of its own, give it one in {@link
     *     Receiver#opened} with {@link LoopConnection#receiver}
     * @return the listener, bound; it ends with the loop at the latest
     * @throws BindFailedException when an address of the host cannot be bound; then none is
     * @throws AddressException when this loop's transport has no such addresses
     * @throws IllegalStateException when the loop is closed
     */
    public LoopListener listen(Address address, Receiver receiver) throws BindFailedException {
        return LoopListener.open(this, address, connection -> receiver);
    }

    /**
     * Accepts connections at an address that another loop listens on as well; each newcomer goes to one of the loops.
     * It ends with its own {@link LoopListener#close}, before that of the first one. Any thread. The limit of
     * connections is one for all of them.
     *
     * @param first of another loop
     * @param receiver hears of the connections that this loop accepts
     * @return this loop's part of the listener
     * @throws UnsupportedOperationException inside the process, where one loop alone can listen
     * @throws RejectedExecutionException when this loop is closed
     */
    public LoopListener listenWith(LoopListener first, Receiver receiver) {
        return LoopListener.sharing(first, this, receiver);
    }

    /**
     * Connects to an address; see {@link #connect(Address, Receiver)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @param receiver hears what becomes of it
     * @return the connection, not open yet
     * @throws AddressException when the text is no address, or nobody can connect to such a one
     * @throws RejectedExecutionException when the loop is closed
     */
    public LoopConnection connect(String address, Receiver receiver) {
        return connect(Address.parse(address), receiver);
    }

    /**
     * Starts to connect, and returns at once: the addresses of a name race within {@link Limits#connectTimeout}, the
     * next one from when the last one has failed, or not answered for 250 ms (RFC 8305). Any thread. The receiver hears
     * {@code opened}, or {@code closed} with {@link CloseReason#CONNECT}, where {@link LoopConnection#closeCause()}
     * says what was tried. What is sent before that, on the loop's thread, is queued.
     *
     * @param address any but {@code *} and port 0
     * @param receiver hears what becomes of it
     * @return the connection, not open yet
     * @throws AddressException when nobody can connect to such an address, or this loop cannot
     * @throws RejectedExecutionException when the loop is closed
     */
    public LoopConnection connect(Address address, Receiver receiver) {
        ConnectRace.check(address, transport());
        var connection = LoopConnection.connecting(this, address, receiver);
        if (!connection.sink().tryExecute(connection::startConnecting)) {
            throw closedException();
        }
        return connection;
    }

    /**
     * Runs a task on the loop's thread, in the order given, in this turn or the next. Any thread. What it throws is
     * reported to the events and harms nothing.
     *
     * @param task must not block
     * @throws RejectedExecutionException when the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        if (!tryExecute(task)) {
            throw closedException();
        }
    }

    RejectedExecutionException closedException() {
        return new RejectedExecutionException("the loop " + thread.getName() + " is closed");
    }

    /**
     * Runs an action once, after a delay by the loop's ticker. It never runs early; it runs late by as long as the
     * loop's other work takes. On the loop's thread only.
     *
     * @param delay zero or more; beyond 146 years it is 146 years
     * @param action must not block; what it throws is reported to the events
     * @return cancels it
     * @throws IllegalArgumentException when the delay is negative
     * @throws IllegalStateException on another thread
     */
    public Timer schedule(Duration delay, Runnable action) {
        checkThread();
        return timerAt(freshNanos() + Durations.delayNanos(delay), action);
    }

    /**
     * Runs an action once the loop has been there to hear its peers for so long; see {@link #responsiveNanos}. For what
     * is due when a peer has been silent or slow. On the loop's thread only.
     *
     * @param delay zero or more; beyond 146 years it is 146 years
     * @param action must not block; what it throws is reported to the events
     * @return cancels it
     * @throws IllegalArgumentException when the delay is negative
     * @throws IllegalStateException on another thread
     */
    public Timer scheduleResponsive(Duration delay, Runnable action) {
        checkThread();
        return responsiveTimerAt(responsiveNanos() + Durations.delayNanos(delay), action);
    }

    /**
     * Waits until the loop is closed and its thread has ended. Any thread but that of a loop, where it is refused.
     *
     * @throws InterruptedException when the caller was interrupted; the loop goes on
     * @throws IllegalStateException on the thread of a loop
     */
    public void join() throws InterruptedException {
        checkMayBlock("join()", "let another thread wait, such as main");
        thread.join();
    }

    /** {@return whether the caller runs on this loop's thread} */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /**
     * Refuses to block the thread of any loop: all connections of that loop would wait, and often the very one that is
     * waited for. For code that is about to block, on any thread.
     *
     * @param what the call, such as {@code call(…)}
     * @param instead what to do instead
     * @throws IllegalStateException on the thread of a loop
     */
    public static void checkMayBlock(String what, String instead) {
        if (Thread.currentThread() instanceof LoopThread thread) {
            throw new IllegalStateException(
                    what + " would block the loop " + thread.getName() + ", and every connection of it: " + instead);
        }
    }

    /** {@return how bytes move here; any thread} */
    public Transport transport() {
        return transport.transport();
    }

    /** {@return the bounds and timeouts of its connections; any thread} */
    public Limits limits() {
        return limits;
    }

    /**
     * {@return how many buffers of 16 KiB its send queues hold: 0 once it is closed, or something was lost} On the
     * loop's thread, or after {@link #close} has returned.
     */
    public int buffersLent() {
        return buffers.lent();
    }

    /**
     * Stops listening, closes every connection with {@link CloseReason#DRAIN}, ends the thread and, unless called on
     * the thread of a loop, waits for that. Bytes that are still queued are lost. Any thread; an interrupt does not cut
     * it short. Closing twice is harmless.
     */
    @Override
    public void close() {
        closing = true;
        poller.wakeup();
        if (mayBlock()) {
            Uninterrupted.run(thread::join);
        }
    }

    @Override
    public String toString() {
        return "loop " + thread.getName() + " over " + transport().name();
    }

    /**
     * Whether the caller may wait. Closing is never refused, but on the thread of a loop it does not wait: two loops
     * that close what is the other's would wait for ever.
     */
    static boolean mayBlock() {
        return !(Thread.currentThread() instanceof LoopThread);
    }

    // The loop.

    private void run() {
        Runnable stopAdvance = ticker.onAdvance(watch::look);
        if (ticker.passesByItself()) {
            watch.compareWith(ThreadCpuTime.ofThisThread());
        }
        try {
            while (!closing) {
                turnInSpiteOfErrors();
            }
        } catch (Throwable broken) {
            tasks.guard("ending", () -> observer.failed("the loop " + thread.getName() + " ends", broken));
        } finally {
            stopAdvance.run();
            watch.stop();
            end();
        }
    }

    /**
     * An error is no fault of the loop's own state: a heap that others have filled, a stack that ran over, a class that
     * cannot be loaded. It may strike anywhere, and the connections live on; so do the timers, which fire a turn later.
     */
    private void turnInSpiteOfErrors() throws IOException {
        try {
            turn();
        } catch (Error error) {
            polling = false;
            wakeupSent.set(false);
            LockSupport.parkNanos(PAUSE_AFTER_ERROR_NANOS); // whoever fills the heap may let go of it
            tasks.guard("a turn", () -> {
                throw error;
            });
        }
    }

    /**
     * Timers are judged by a clock read before the poll: whatever a peer had sent by then is told first. Those about
     * peers go by the attendance, so a process that was stopped for a while does not take its own absence for the
     * silence of a peer, which may be in the middle of a message or wait for one of ours.
     */
    private void turn() throws IOException {
        // A callback that restored an interrupt would keep every later wait from waiting.
        var _ = Thread.interrupted();
        tasks.run();
        long beforeNanos = ticker.nanos();
        responsiveClock.worked(beforeNanos);
        judgedNanos = responsiveClock.nowNanos(beforeNanos);
        awake = false;
        turns++;
        memory.tell();
        polling = true;
        long timeoutNanos = timeoutNanos(beforeNanos); // after the store: who adds a task now wakes the poll
        responsiveClock.waits(timeoutNanos);
        poller.poll(timeoutNanos);
        polling = false;
        wake();
        wakeupSent.set(false);
        tasks.runDeferred();
        timers.fire(beforeNanos, fire);
        responsiveClock.timers().fire(judgedNanos, fire);
    }

    /** The first thing of a turn after its wait. */
    private void wake() {
        if (!awake) {
            awake = true;
            long wokenNanos = ticker.nanos();
            responsiveClock.woke(wokenNanos);
            nowNanos = responsiveClock.nowNanos(wokenNanos);
        }
    }

    private long timeoutNanos(long beforeNanos) {
        if (closing || !tasks.isEmpty()) {
            return 0;
        }
        long untilNext = Math.min(
                timers.nanosUntilNext(beforeNanos), responsiveClock.timers().nanosUntilNext(judgedNanos));
        return untilNext == 0 || ticker.passesByItself() ? untilNext : Poller.FOREVER_NANOS;
    }

    private void fire(Timer due) {
        tasks.guard("a timer", due::run);
        tasks.runDeferred();
    }

    void begin() {
        watch.start();
        thread.start();
    }

    /** It will not be used: the system has no thread for it, or for another that was to run beside it. */
    void abandon() {
        if (thread.isAlive()) {
            close();
        } else {
            watch.stop();
            end();
        }
    }

    private void end() {
        closing = true;
        stopWatchingTicker.run();
        for (LoopListener listener : new ArrayList<>(listeners)) {
            tasks.guard("closing a listener", listener::close);
        }
        tasks.run();
        for (LoopConnection connection : connections.copy()) {
            tasks.guard("closing a connection", () -> connection.finish(CloseReason.DRAIN, null));
        }
        closed = true;
        tasks.run();
        memory.end();
        try {
            poller.close();
        } catch (IOException e) {
            observer.failed("closing the poller of the loop " + thread.getName(), e);
        }
    }

    // What the connections and listeners of this package use.

    /**
     * As {@link #execute}, but a closed loop is no error. Any thread.
     *
     * @param task must not block
     * @return whether it will run; false says that the loop is closed
     */
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

    /**
     * Runs a task after the callbacks and tasks that are under way have returned, in this same turn: what each of them
     * adds to something can leave together then. On the loop's thread only; what it throws is reported to the events.
     *
     * @param task must not block
     * @throws IllegalStateException on another thread
     */
    public void defer(Runnable task) {
        checkThread();
        tasks.defer(task);
    }

    /** As a deferred task, but without memory for it. */
    void tellEndLater(LoopConnection connection) {
        tasks.ended(connection);
    }

    Timer timerAt(long atNanos, Runnable action) {
        return timers.add(atNanos, action);
    }

    /** As {@link #timerAt}, by the clock of {@link #responsiveNanos}. */
    Timer responsiveTimerAt(long atNanos, Runnable action) {
        return responsiveClock.timers().add(atNanos, action);
    }

    /** The time of this turn by the clock of {@link #responsiveNanos}: read once after the wait. */
    long nowNanos() {
        wake();
        return nowNanos;
    }

    /** {@return nanoseconds now, by the loop's ticker; only differences mean something} Any thread. */
    public long freshNanos() {
        return ticker.nanos();
    }

    /**
     * The clock by which the silence of peers is judged: it passes as the ticker does while the loop runs, and hardly
     * at all while the process is stopped or something holds the loop. Any thread.
     *
     * @return nanoseconds; only differences mean something, and none between this and {@link #freshNanos}
     */
    public long responsiveNanos() {
        long tickerNanos = ticker.nanos();
        return isCurrent() ? responsiveClock.nowNanos(tickerNanos) : tickerNanos - responsiveClock.awayNanos();
    }

    /** By the attendance, when the timers that fire now are due: everything that happened before it has been told. */
    long judgedNanos() {
        return judgedNanos;
    }

    /** A poll begins to tell; on the loop's thread, before each callback. */
    void telling() {
        if (tellingTurn.getPlain() != turns) {
            tellingTurn.setOpaque(turns);
            wake();
        }
    }

    void checkThread() {
        if (!isCurrent()) {
            throw new IllegalStateException(
                    "called on the thread " + Thread.currentThread().getName() + ", but this belongs to the thread "
                            + thread.getName() + ": use loop.execute(…)");
        }
    }

    // What the watch asks, from its own thread.

    /** The number of the turn whose work is under way; -1 while the loop waits for something to happen. */
    long turnUnderWay() {
        boolean inPoll = polling;
        long turn = turns;
        return inPoll && tellingTurn.getOpaque() != turn ? -1 : turn;
    }

    Thread.State threadState() {
        return thread.getState();
    }

    StackTraceElement[] threadStack() {
        return thread.getStackTrace();
    }

    String threadName() {
        return thread.getName();
    }

    boolean isClosing() {
        return closing;
    }

    Poller poller() {
        return poller;
    }

    void tellTransport(boolean listening) {
        transport.tell(observer, listening);
    }

    HostResolver hostResolver() {
        return hostResolver;
    }

    SocketOptions socketOptions() {
        return socketOptions;
    }

    /** {@return who is told of this loop's connections; what it throws is logged and goes no further} Any thread. */
    public LoopObserver observer() {
        return observer;
    }

    BufferPool buffers() {
        return buffers;
    }

    MemoryAccount memory() {
        return memory;
    }

    /** Those that are open; the loop's thread. */
    OpenConnections connections() {
        return connections;
    }

    void add(LoopConnection connection) {
        connections.add(connection);
    }

    /** A descriptor has come free: who paused accepting for lack of one may go on. */
    void remove(LoopConnection connection) {
        connections.remove(connection);
        for (LoopListener listener : listeners) {
            listener.resumeAfterClose();
        }
    }

    void add(LoopListener listener) {
        listeners.add(listener);
    }

    void remove(LoopListener listener) {
        listeners.remove(listener);
    }

    /**
     * Collects the settings of a loop; not for several threads. One builder may start several loops, which then share
     * what it holds.
     */
    public static final class Builder {
        private @Nullable Transport transport;
        private Ticker ticker = Ticker.SYSTEM;
        private Limits limits = Limits.DEFAULT;
        private SocketOptions socketOptions = SocketOptions.DEFAULT;
        private HostResolver hostResolver = HostResolver.SYSTEM;
        private MemoryCap memory = MemoryCap.shared();
        private LoopObserver observer = LoopObserver.logging();
        private String name = "";
        private boolean daemon;

        private Builder() {}

        /**
         * How bytes move; by default {@link Transports#preferred}: over io_uring where its module is there and may be
         * used, else over the JDK's selectors. Addresses of {@code mem:} need a {@link dev.parley.net.mem.MemNetwork}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder transport(Transport value) {
            transport = Objects.requireNonNull(value);
            return this;
        }

        /**
         * The clock of timers and timeouts; by default the system's monotonic one.
         *
         * @param value never null
         * @return this builder
         */
        public Builder ticker(Ticker value) {
            ticker = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Bounds and timeouts; by default {@link Limits#DEFAULT}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder limits(Limits value) {
            limits = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Options of its sockets; by default {@link SocketOptions#DEFAULT}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder socketOptions(SocketOptions value) {
            socketOptions = Objects.requireNonNull(value);
            return this;
        }

        /**
         * How host names become IP addresses; by default the system's resolver.
         *
         * @param value never null
         * @return this builder
         */
        public Builder hostResolver(HostResolver value) {
            hostResolver = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Who is told what happens; by default {@link LoopObserver#logging}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder observer(LoopObserver value) {
            observer = Objects.requireNonNull(value);
            return this;
        }

        /**
         * How much memory its accepted connections may hold, together with those of the other loops that have the same
         * cap; by default {@link MemoryCap#shared}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder memory(MemoryCap value) {
            memory = Objects.requireNonNull(value);
            return this;
        }

        /**
         * The thread's name; by default {@code parley-loop-} and a number.
         *
         * @param value empty for the default
         * @return this builder
         */
        public Builder name(String value) {
            name = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Whether the JVM may exit while the loop runs; by default not.
         *
         * @param value as {@link Thread#setDaemon} takes it
         * @return this builder
         */
        public Builder daemon(boolean value) {
            daemon = value;
            return this;
        }

        /**
         * Starts the loop's thread.
         *
         * @return the loop, running; the caller closes it
         * @throws UncheckedIOException as {@link #start(int)} says
         */
        public EventLoop start() {
            return start(1).getFirst();
        }

        /**
         * Starts several loops that can share an address ({@link EventLoop#listenWith}): all of them over the same
         * transport, also where the system refuses the preferred one to the last of them.
         *
         * @param count at least 1
         * @return the loops, running; the caller closes each
         * @throws UncheckedIOException when the system gives one of them no selector, most often for lack of
         *     descriptors, or refuses the transport that was named; the cause is then a {@link
         *     dev.parley.net.transport.TransportRefusedException}. None runs then
         */
        public List<EventLoop> start(int count) {
            return LoopTransport.start(this, transport == null ? Transports.preferred() : transport, count);
        }
    }
}
