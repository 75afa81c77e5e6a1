package dev.parley.net;

import dev.parley.net.core.LoopCore;
import dev.parley.net.core.LoopThread;
import dev.parley.net.core.Nanos;
import dev.parley.net.proxy.ProxyProtocol;
import dev.parley.net.time.Ticker;
import dev.parley.net.time.Timer;
import dev.parley.net.tls.Tls;
import dev.parley.net.tls.TlsPoller;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An event loop is one platform thread that owns many connections. In each turn it runs the queued tasks, waits until a
 * channel is ready or the next timer is due, notifies the connections of what happened, and fires the timers that are
 * due. This is the selector loop of the tutorial's multi-connection server, with everything around it that a server
 * needs.
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
 * the loop through {@link #execute} alone. An exception that a callback throws never ends the loop.
 */
public final class EventLoop implements Executor, AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final LoopCore core;
    private final TlsPoller poller;
    private final @Nullable ProxyProtocol proxyProtocol;
    private final @Nullable Tls tls;
    private final LoopTransport transport;
    private final Limits limits;
    private final SocketOptions socketOptions;
    private final HostResolver hostResolver;
    private final GuardedObserver observer;

    private final BufferPool buffers = new BufferPool();
    private final MemoryAccount memory;
    private final Set<LoopListener> listeners = new LinkedHashSet<>();
    private final Set<LoopConnection> connections = new LinkedHashSet<>();
    private final Map<Class<?>, Shared> shared = new HashMap<>();
    private final List<Runnable> whenClosing = new ArrayList<>();

    /** True when the tasks in {@link #whenClosing} run or have run. */
    private boolean hasEnded;

    EventLoop(Builder builder, LoopTransport granted) {
        transport = granted;
        limits = builder.limits;
        socketOptions = builder.socketOptions;
        hostResolver = builder.hostResolver;
        observer = new GuardedObserver(builder.observer);
        memory = new MemoryAccount(this, builder.memory);
        String name = builder.name.isEmpty() ? "parley-loop-" + NAMES.incrementAndGet() : builder.name;
        tls = builder.tls;
        proxyProtocol = builder.proxyProtocol;
        poller = new TlsPoller(transport.poller(), builder.ticker, observer::warned, observer::reloaded);
        core = new LoopCore(poller, builder.ticker, observer, name, builder.daemon, new Hooks());
        memory.begin();
    }

    /**
     * Starts a loop with default settings. Any thread may call this method.
     *
     * @return the running loop, which the caller must close
     * @throws UncheckedIOException if the system gives the loop no selector, most often for lack of descriptors
     */
    public static EventLoop start() {
        return builder().start();
    }

    /** {@return settings for a loop; each has a default} */
    public static Builder builder() {
        return new Builder();
    }

    // Called by users, on any thread.

    /**
     * Listens on an address; see {@link #listen(Address, Receiver)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @param receiver is called for every connection
     * @return the bound listener; if it is still open when the loop closes, the loop closes it
     * @throws BindFailedException if an address of the host cannot be bound; then none of them is bound
     * @throws AddressException if the text is not an address, or this loop's transport does not support such addresses
     */
    public LoopListener listen(String address, Receiver receiver) throws BindFailedException {
        return listen(Address.parse(address), receiver);
    }

    /**
     * Binds and listens, and returns at once. From then on, the receiver is called for every accepted connection. Any
     * thread may call this method. A host name is resolved on the calling thread, which waits for the resolver. So a
     * call on the loop's own thread must name an IP address or localhost.
     *
     * @param address the address to listen on; port 0, or an empty name, stands for a free one
     * @param receiver one receiver for all connections; if each connection needs state of its own, use
     *     {@link #listen(Address, Function)}
     * @return the bound listener; if it is still open when the loop closes, the loop closes it
     * @throws BindFailedException if an address of the host cannot be bound; then none of them is bound
     * @throws AddressException if this loop's transport does not support such addresses
     * @throws IllegalStateException if the loop is closed
     */
    public LoopListener listen(Address address, Receiver receiver) throws BindFailedException {
        return listen(address, connection -> receiver);
    }

    /**
     * Listens on an address; see {@link #listen(Address, Function)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @param receivers makes the receiver of each connection
     * @return the bound listener; if it is still open when the loop closes, the loop closes it
     * @throws BindFailedException if an address of the host cannot be bound; then none of them is bound
     * @throws AddressException if the text is not an address, or this loop's transport does not support such addresses
     */
    public LoopListener listen(String address, Function<LoopConnection, ? extends Receiver> receivers)
            throws BindFailedException {
        return listen(Address.parse(address), receivers);
    }

    /**
     * Listens as {@link #listen(Address, Receiver)} does, with a receiver for each connection, which can keep the state
     * of that connection.
     *
     * {@snippet :
     * try (var loop = EventLoop.start()) {
     *     loop.listen("tcp://localhost:0", connection -> new Receiver() {
     *         private long count;
     *
     *         @Override
     *         public void bytes(LoopConnection same, ByteBuffer bytes) {
     *             count += bytes.remaining();
     *             same.send((count + " bytes so far\n").getBytes(StandardCharsets.US_ASCII));
     *         }
     *     });
     *     loop.join();
     * }
     * }
     *
     * @param address the address to listen on; port 0, or an empty name, stands for a free one
     * @param receivers makes the receiver of an accepted connection, before its {@link Receiver#opened} is called;
     *     called on the loop's thread, also for a connection that is then turned away. If it throws or returns null,
     *     the connection closes with {@link CloseReason#FAILED}
     * @return the bound listener; if it is still open when the loop closes, the loop closes it
     * @throws BindFailedException if an address of the host cannot be bound; then none of them is bound
     * @throws AddressException if this loop's transport does not support such addresses
     * @throws IllegalStateException if the loop is closed
     */
    public LoopListener listen(Address address, Function<LoopConnection, ? extends Receiver> receivers)
            throws BindFailedException {
        return listen(address, null, receivers);
    }

    /**
     * Listens as {@link #listen(Address, Function)} does, with other settings of TLS than those of the loop.
     *
     * @param address the address to listen on
     * @param settings the settings of TLS, which have an effect only at a {@code tls://} address; null for those of the
     *     loop
     * @param receivers makes the receiver of an accepted connection
     * @return the bound listener; if it is still open when the loop closes, the loop closes it
     * @throws BindFailedException if an address of the host cannot be bound; then none of them is bound
     * @throws AddressException if this loop's transport does not support such addresses, or the settings have no
     *     certificate
     * @throws IllegalStateException if the loop is closed
     */
    public LoopListener listen(
            Address address, @Nullable Tls settings, Function<LoopConnection, ? extends Receiver> receivers)
            throws BindFailedException {
        return LoopListener.open(this, address, settings, receivers);
    }

    /**
     * Accepts connections at an address on which another loop already listens; an {@link EventLoopGroup} does this for
     * all of its loops. Each accepted connection goes to one of the loops, and the loops share one limit of
     * connections. Close the returned listener before the first listener. Any thread may call this method.
     *
     * @param first a listener of another loop
     * @param receivers makes the receiver of each connection that this loop accepts
     * @return this loop's part of the listener
     * @throws IllegalStateException if the other listener is closed
     * @throws UnsupportedOperationException for {@code mem:} addresses, on which only one loop can listen
     * @throws RejectedExecutionException if this loop is closed
     * @throws UncheckedIOException if the system refuses, most often because the process has no file descriptor left
     */
    public LoopListener listenWith(LoopListener first, Function<LoopConnection, ? extends Receiver> receivers) {
        return LoopListener.sharing(first, this, receivers);
    }

    /**
     * Connects to an address; see {@link #connect(Address, Receiver)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @param receiver is notified of everything that happens to the connection
     * @return the connection, which is not open yet
     * @throws AddressException if the text is not an address, or is an address that cannot be connected to
     * @throws RejectedExecutionException if the loop is closed
     */
    public LoopConnection connect(String address, Receiver receiver) {
        return connect(Address.parse(address), receiver);
    }

    /**
     * Starts to connect, and returns at once. Any thread may call this method. If a name has several addresses, they
     * race within {@link Limits#connectTimeout}: the attempt at the next address starts as soon as the last attempt has
     * failed, or has not been answered for 250 ms (RFC 8305).
     *
     * <p>If the connection opens, {@code opened} of the receiver is called. Otherwise {@code closed} is called with
     * {@link CloseReason#CONNECT}, and {@link LoopConnection#closeCause()} says what was tried. Until then, bytes that
     * are sent on the loop's thread are queued.
     *
     * @param address any address except {@code *} and port 0
     * @param receiver is notified of everything that happens to the connection
     * @return the connection, which is not open yet
     * @throws AddressException if the address cannot be connected to, or this loop's transport does not support it
     * @throws RejectedExecutionException if the loop is closed
     */
    public LoopConnection connect(Address address, Receiver receiver) {
        return connect(address, null, receiver);
    }

    /**
     * Connects as {@link #connect(Address, Receiver)} does, with other settings of TLS than those of the loop.
     *
     * @param address any address except {@code *} and port 0
     * @param settings the settings of TLS, which have an effect only at a {@code tls://} address; null for those of the
     *     loop
     * @param receiver is notified of everything that happens to the connection
     * @return the connection, which is not open yet
     * @throws AddressException if the address cannot be connected to, or this loop's transport does not support it
     * @throws RejectedExecutionException if the loop is closed
     */
    public LoopConnection connect(Address address, @Nullable Tls settings, Receiver receiver) {
        ConnectRace.check(address, transport());
        var connection = LoopConnection.connecting(this, address, settings, receiver);
        if (!connection.sink().tryExecute(connection::startConnecting)) {
            throw core.closedException();
        }
        return connection;
    }

    /**
     * Checks an address, as {@link #connect(Address, Receiver)} does before anything else. Any thread may call this
     * method.
     *
     * @param address the address of a server
     * @throws AddressException if it cannot be connected to, such as {@code *} or port 0, or if this loop's transport
     *     does not support it
     */
    public void checkMayConnect(Address address) {
        ConnectRace.check(address, transport());
    }

    /**
     * Runs a task on the loop's thread, in this turn or the next. Tasks run in the order in which they were added. An
     * exception that a task throws is reported to the loop's observer, and does not end the loop. Any thread may call
     * this method.
     *
     * @param task must not block
     * @throws RejectedExecutionException if the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        if (!tryExecute(task)) {
            throw core.closedException();
        }
    }

    /**
     * Runs an action once, after a delay by the loop's ticker. It never runs early, but runs late if the loop's other
     * work takes long. Call this method only on the loop's thread.
     *
     * @param delay zero or more; a delay of more than 146 years counts as 146 years
     * @param action must not block; an exception that it throws is reported to the loop's observer
     * @return the timer, which can be cancelled
     * @throws IllegalArgumentException if the delay is negative
     * @throws IllegalStateException on another thread
     */
    public Timer schedule(Duration delay, Runnable action) {
        core.checkThread();
        return core.timerAt(freshNanos() + Nanos.ofDelay(delay), action);
    }

    /**
     * Runs an action once, after a delay by the responsive clock, which advances while the loop is able to notice its
     * peers; see {@link #responsiveNanos}. Use it for an action that is due if a peer has been silent or slow. Call
     * this method only on the loop's thread.
     *
     * @param delay zero or more; a delay of more than 146 years counts as 146 years
     * @param action must not block; an exception that it throws is reported to the loop's observer
     * @return the timer, which can be cancelled
     * @throws IllegalArgumentException if the delay is negative
     * @throws IllegalStateException on another thread
     */
    public Timer scheduleResponsive(Duration delay, Runnable action) {
        core.checkThread();
        return core.responsiveTimerAt(responsiveNanos() + Nanos.ofDelay(delay), action);
    }

    /**
     * Waits until the loop is closed and its thread has ended. Any thread except the thread of a loop may call this
     * method.
     *
     * @throws InterruptedException if the caller was interrupted; the loop goes on
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

    /** {@return the loop on whose thread the caller runs; empty on any other thread} */
    public static Optional<EventLoop> current() {
        return Thread.currentThread() instanceof LoopThread thread
                ? Optional.of((EventLoop) thread.owner())
                : Optional.empty();
    }

    /**
     * Throws if the caller runs on the thread of any loop, which must not block: all connections of that loop would
     * wait, and often one of them is the connection that the caller waits for. Call this method before a call that
     * blocks. Any thread may call it.
     *
     * @param what the call that would block, such as {@code call(…)}
     * @param instead what to do instead
     * @throws IllegalStateException on the thread of a loop
     */
    public static void checkMayBlock(String what, String instead) {
        if (Thread.currentThread() instanceof LoopThread thread) {
            throw new IllegalStateException(
                    what + " would block the loop " + thread.getName() + " and all of its connections: " + instead);
        }
    }

    /** {@return the transport, which moves the bytes of this loop's connections; any thread may call this} */
    public Transport transport() {
        return transport.transport();
    }

    /** {@return the settings of TLS of this loop, for connections that have no others; any thread may call this} */
    public Tls tls() {
        return tls == null ? Tls.ofJdk() : tls;
    }

    /** {@return the bounds and timeouts of this loop's connections; any thread may call this} */
    public Limits limits() {
        return limits;
    }

    /** {@return the cap on the memory that this loop's accepted connections hold; any thread may call this} */
    public MemoryCap memoryCap() {
        return memory.cap();
    }

    /**
     * {@return the number of 16 KiB buffers that this loop's send queues hold; if it is not 0 after the loop was
     * closed, a buffer was lost} Call this method on the loop's thread, or after {@link #close} has returned.
     */
    public int buffersLent() {
        return buffers.lent();
    }

    /**
     * Stops listening, closes every connection with {@link CloseReason#DRAIN}, and ends the thread. Bytes that are
     * still queued are lost. Any thread may call this method. Unless the caller is the thread of a loop, it waits until
     * this loop's thread has ended; an interrupt does not end the wait. Closing twice is harmless.
     */
    @Override
    public void close() {
        core.close();
    }

    @Override
    public String toString() {
        return "loop " + core.threadName() + " over " + transport().name();
    }

    /** The steps that the loop takes for its connections and listeners, in each turn and at its end. */
    private final class Hooks implements LoopCore.Hooks {
        @Override
        public void beforeWait() {
            memory.report();
        }

        @Override
        public void closeListeners() {
            for (LoopListener listener : List.copyOf(listeners)) {
                core.guard("closing a listener", listener::close);
            }
        }

        @Override
        public void closeConnections() {
            closeAll();
            hasEnded = true;
            for (Runnable task : List.copyOf(whenClosing)) {
                core.guard("ending with the loop", task);
            }
            closeAll(); // of those that the tasks have made
        }

        private void closeAll() {
            for (LoopConnection connection : List.copyOf(connections)) {
                core.guard("closing a connection", () -> connection.finish(CloseReason.DRAIN, null));
            }
        }

        @Override
        public void ended() {
            List.copyOf(shared.values()).forEach(each -> core.guard("giving up what the loop shared", each.atEnd()));
            memory.end();
        }

        @Override
        public Object owner() {
            return EventLoop.this;
        }
    }

    // Called by the connections and listeners of this package.

    /**
     * Runs a task as {@link #execute} does, but returns false if the loop is closed. Any thread may call this method.
     *
     * @param task must not block
     * @return true if the task will run, false if the loop is closed
     */
    public boolean tryExecute(Runnable task) {
        return core.tryExecute(task);
    }

    /**
     * Runs a task in this turn, after the callbacks and tasks that are under way have returned. So everything that they
     * have added to an output can be sent together. An exception that the task throws is reported to the loop's
     * observer. Call this method only on the loop's thread.
     *
     * @param task must not block
     * @throws IllegalStateException on another thread
     */
    public void defer(Runnable task) {
        core.defer(task);
    }

    /**
     * Returns the instance of a type that everything on this loop shares, such as a buffer that the connections fill
     * one after another. The first call creates it. Call this method only on the loop's thread.
     *
     * @param <T> the type of the instance, which the caller owns
     * @param type the class of the type
     * @param maker makes the instance; it must not call this method
     * @param atEnd is called with the instance after the loop's connections are closed
     * @return the same instance at each call
     * @throws IllegalStateException on another thread
     */
    public <T> T shared(Class<T> type, Supplier<T> maker, Consumer<T> atEnd) {
        core.checkThread();
        Shared known = shared.get(type);
        if (known != null) {
            return type.cast(known.instance());
        }
        T made = maker.get();
        shared.put(type, new Shared(made, () -> atEnd.accept(made)));
        return made;
    }

    /**
     * Adds a task that is run when the loop is closed, on the loop's thread, after its connections were closed. Tasks
     * of the loop still run then. If the connections were closed already, runs the task at once. Call this method only
     * on the loop's thread.
     *
     * @param task ends what would otherwise wait for the loop
     * @throws IllegalStateException on another thread
     */
    public void whenClosing(Runnable task) {
        core.checkThread();
        if (hasEnded) {
            task.run();
        } else {
            whenClosing.add(task);
        }
    }

    /** An instance that everything on the loop shares, and the action to run when the loop ends. */
    private record Shared(Object instance, Runnable atEnd) {}

    /**
     * {@return the time of the loop's ticker in nanoseconds; only differences have a meaning} Any thread may call this.
     */
    public long freshNanos() {
        return core.freshNanos();
    }

    /**
     * Returns the time of the responsive clock, which measures how long a peer has been silent. While the loop runs,
     * this clock advances as the ticker does. While the process is stopped, or code blocks the loop, it hardly
     * advances. Any thread may call this method.
     *
     * @return the time in nanoseconds; only the difference between two of these values has a meaning, not the
     *     difference to {@link #freshNanos}
     */
    public long responsiveNanos() {
        return core.responsiveNanos();
    }

    /** Returns the core of this loop, which runs its turns. */
    LoopCore core() {
        return core;
    }

    void notifyTransport(boolean listening) {
        transport.report(observer, listening);
    }

    /** Returns a binder, which binds addresses with this loop's settings. */
    Binder binder() {
        return new Binder(transport(), socketOptions, hostResolver);
    }

    /** Returns the poller, which the core of this loop polls. */
    TlsPoller poller() {
        return poller;
    }

    /** Returns the settings of the proxies in front of this loop's listeners; null if there are none. */
    @Nullable
    ProxyProtocol proxyProtocol() {
        return proxyProtocol;
    }

    HostResolver hostResolver() {
        return hostResolver;
    }

    SocketOptions socketOptions() {
        return socketOptions;
    }

    /**
     * {@return the observer of this loop's connections; an exception that it throws is logged} Any thread may call
     * this.
     */
    public LoopObserver observer() {
        return observer;
    }

    BufferPool buffers() {
        return buffers;
    }

    MemoryAccount memory() {
        return memory;
    }

    /**
     * Returns the connections that are open now; they may close while the list is read. Called on the loop's thread.
     */
    List<LoopConnection> connections() {
        return List.copyOf(connections);
    }

    void add(LoopConnection connection) {
        connections.add(connection);
    }

    /** Removes a connection. This frees a descriptor, so a listener that paused for lack of one may accept again. */
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
     * Collects the settings of a loop. It is not thread-safe. One builder may start several loops, which then share the
     * objects that it holds.
     */
    public static final class Builder {
        private @Nullable Transport transport;
        private Ticker ticker = Ticker.SYSTEM;
        private Limits limits = Limits.DEFAULT;
        private SocketOptions socketOptions = SocketOptions.DEFAULT;
        private HostResolver hostResolver = HostResolver.SYSTEM;
        private MemoryCap memory = MemoryCap.shared();
        private LoopObserver observer = LoopObserver.logging();
        private @Nullable Tls tls;
        private @Nullable ProxyProtocol proxyProtocol;
        private String name = "";
        private boolean daemon;

        private Builder() {}

        /**
         * Sets the transport, which moves the bytes. The default is {@link Transports#preferred}: io_uring if its
         * module is present and the system allows it, otherwise the JDK's selectors. {@code mem:} addresses need a
         * {@link dev.parley.net.mem.MemNetwork}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder transport(Transport value) {
            transport = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the clock of timers and timeouts; by default the system's monotonic clock.
         *
         * @param value never null
         * @return this builder
         */
        public Builder ticker(Ticker value) {
            ticker = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the bounds and timeouts of the loop's connections; by default {@link Limits#DEFAULT}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder limits(Limits value) {
            limits = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the options of the loop's sockets; by default {@link SocketOptions#DEFAULT}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder socketOptions(SocketOptions value) {
            socketOptions = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets how host names are resolved to IP addresses; by default the system's resolver.
         *
         * @param value never null
         * @return this builder
         */
        public Builder hostResolver(HostResolver value) {
            hostResolver = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the settings of TLS for {@code tls://} addresses. By default, the loop accepts the servers that the JDK
         * accepts, and has no certificate to show, so it cannot listen on such an address.
         *
         * @param value never null
         * @return this builder
         */
        public Builder tls(Tls value) {
            tls = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets that proxies stand in front of the loop's {@code tcp://} and {@code tls://} listeners: each connection
         * must come from one of them, and begin with a header of the PROXY protocol. By default, no such header is
         * understood.
         *
         * @param value never null
         * @return this builder
         */
        public Builder proxyProtocol(ProxyProtocol value) {
            proxyProtocol = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the observer of everything that happens; by default {@link LoopObserver#logging}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder observer(LoopObserver value) {
            observer = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the cap on the memory that the loop's accepted connections may hold, together with those of all other
         * loops that have the same cap; by default {@link MemoryCap#shared}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder memory(MemoryCap value) {
            memory = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the thread's name; by default {@code parley-loop-} and a number.
         *
         * @param value empty for the default
         * @return this builder
         */
        public Builder name(String value) {
            name = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets whether the JVM may exit while the loop runs; by default it may not.
         *
         * @param value true if the JVM may exit; see {@link Thread#setDaemon}
         * @return this builder
         */
        public Builder daemon(boolean value) {
            daemon = value;
            return this;
        }

        /** {@return a copy of these settings, which later changes of these do not affect, and the other way round} */
        public Builder copy() {
            var copy = new Builder();
            copy.transport = transport;
            copy.ticker = ticker;
            copy.limits = limits;
            copy.socketOptions = socketOptions;
            copy.hostResolver = hostResolver;
            copy.memory = memory;
            copy.observer = observer;
            copy.tls = tls;
            copy.proxyProtocol = proxyProtocol;
            copy.name = name;
            copy.daemon = daemon;
            return copy;
        }

        /**
         * Starts the loop's thread.
         *
         * @return the running loop, which the caller must close
         * @throws UncheckedIOException if the system gives the loop no selector, most often for lack of descriptors; or
         *     if the system refuses a transport that was set by {@link #transport(Transport)}, in which case the cause
         *     is a {@link dev.parley.net.transport.TransportRefusedException}
         */
        public EventLoop start() {
            return start(1).getFirst();
        }

        /**
         * Starts several loops, as {@link EventLoopGroup#start(Builder, int)} says.
         *
         * @throws UncheckedIOException if the system refuses one of them; then none of them runs
         */
        List<EventLoop> start(int count) {
            List<LoopTransport> granted;
            try {
                granted = LoopTransport.open(transport == null ? Transports.preferred() : transport, count);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start an event loop: " + e.getMessage(), e);
            }
            var loops = new ArrayList<EventLoop>();
            try {
                granted.forEach(each -> loops.add(new EventLoop(this, each)));
                loops.forEach(loop -> loop.core.start());
                return List.copyOf(loops);
            } catch (Throwable notAll) {
                loops.forEach(loop -> loop.core.abandon());
                granted.stream().skip(loops.size()).forEach(each -> each.closeAfter(notAll));
                throw notAll;
            }
        }
    }
}
