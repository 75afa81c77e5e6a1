package dev.parley.net;

import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
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

    private final LoopCore core;
    private final LoopTransport transport;
    private final Limits limits;
    private final SocketOptions socketOptions;
    private final HostResolver hostResolver;
    private final GuardedObserver observer;

    private final BufferPool buffers = new BufferPool();
    private final MemoryAccount memory;
    private final Set<LoopListener> listeners = new LinkedHashSet<>();
    private final Set<LoopConnection> connections = new LinkedHashSet<>();

    EventLoop(Builder builder, LoopTransport granted) {
        transport = granted;
        limits = builder.limits;
        socketOptions = builder.socketOptions;
        hostResolver = builder.hostResolver;
        observer = new GuardedObserver(builder.observer);
        memory = new MemoryAccount(this, builder.memory);
        String name = builder.name.isEmpty() ? "parley-loop-" + NAMES.incrementAndGet() : builder.name;
        core = new LoopCore(transport.poller(), builder.ticker, observer, name, builder.daemon, new Hooks());
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
            throw core.closedException();
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
            throw core.closedException();
        }
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
        core.checkThread();
        return core.timerAt(freshNanos() + Durations.delayNanos(delay), action);
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
        core.checkThread();
        return core.responsiveTimerAt(responsiveNanos() + Durations.delayNanos(delay), action);
    }

    /**
     * Waits until the loop is closed and its thread has ended. Any thread but that of a loop, where it is refused.
     *
     * @throws InterruptedException when the caller was interrupted; the loop goes on
     * @throws IllegalStateException on the thread of a loop
     */
    public void join() throws InterruptedException {
        checkMayBlock("join()", "let another thread wait, such as main");
        core.join();
    }

    /** {@return whether the caller runs on this loop's thread} */
    public boolean isCurrent() {
        return core.isCurrent();
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

    /** {@return the cap under which its accepted connections hold memory; any thread} */
    public MemoryCap memoryCap() {
        return memory.cap();
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
        core.close();
    }

    @Override
    public String toString() {
        return "loop " + core.threadName() + " over " + transport().name();
    }

    /** What the loop does for its connections and listeners while it turns, and when it ends. */
    private final class Hooks implements LoopCore.Hooks {
        @Override
        public void beforeWait() {
            memory.tell();
        }

        @Override
        public void closeListeners() {
            for (LoopListener listener : List.copyOf(listeners)) {
                core.guard("closing a listener", listener::close);
            }
        }

        @Override
        public void closeConnections() {
            for (LoopConnection connection : List.copyOf(connections)) {
                core.guard("closing a connection", () -> connection.finish(CloseReason.DRAIN, null));
            }
        }

        @Override
        public void ended() {
            memory.end();
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
        return core.tryExecute(task);
    }

    /**
     * Runs a task after the callbacks and tasks that are under way have returned, in this same turn: what each of them
     * adds to something can leave together then. On the loop's thread only; what it throws is reported to the events.
     *
     * @param task must not block
     * @throws IllegalStateException on another thread
     */
    public void defer(Runnable task) {
        core.defer(task);
    }

    /** {@return nanoseconds now, by the loop's ticker; only differences mean something} Any thread. */
    public long freshNanos() {
        return core.freshNanos();
    }

    /**
     * The clock by which the silence of peers is judged: it passes as the ticker does while the loop runs, and hardly
     * at all while the process is stopped or something holds the loop. Any thread.
     *
     * @return nanoseconds; only differences mean something, and none between this and {@link #freshNanos}
     */
    public long responsiveNanos() {
        return core.responsiveNanos();
    }

    /** Returns the part of this loop that turns. */
    LoopCore core() {
        return core;
    }

    void tellTransport(boolean listening) {
        transport.tell(observer, listening);
    }

    /** Returns what binds addresses with this loop's settings. */
    Binder binder() {
        return new Binder(transport(), socketOptions, hostResolver);
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

    /** Returns the open connections as they are now; they may close while the list is read. On the loop's thread. */
    List<LoopConnection> connections() {
        return List.copyOf(connections);
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
            List<EventLoop> loops;
            try {
                loops = LoopTransport.open(transport == null ? Transports.preferred() : transport, count).stream()
                        .map(each -> new EventLoop(this, each))
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start an event loop: " + e.getMessage(), e);
            }
            try {
                loops.forEach(loop -> loop.core.start());
                return loops;
            } catch (Throwable noThread) {
                loops.forEach(loop -> loop.core.abandon());
                throw noThread;
            }
        }
    }
}
