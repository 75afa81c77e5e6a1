package dev.parley;

import dev.parley.link.StreamReceiver;
import dev.parley.link.TypedIn;
import dev.parley.link.TypedOut;
import dev.parley.names.ActionName;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.server.FailureLog;
import dev.parley.server.FilterChain;
import dev.parley.server.Route;
import dev.parley.server.Router;
import dev.parley.server.ServerCounters;
import dev.parley.server.ServerSession;
import dev.parley.server.ServerSettings;
import dev.parley.server.Sessions;
import dev.parley.server.UnauthenticatedConnections;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * A server that exchanges messages: it listens, and its handlers respond to requests. Any thread may use it.
 *
 * {@snippet :
 * record Search(String value) {}
 * record Answer(String result) {}
 * Action<Search, Answer> search = Action.of("search", Search.class, Answer.class);
 *
 * try (var server = Server.builder()
 *         .on(search, question -> new Answer("No match for '" + question.value() + "'."))
 *         .listen("tcp://localhost:65432")) {
 *     System.out.println("listening on " + server.address());
 *     server.join();
 * }
 * }
 */
public final class Server implements AutoCloseable {
    /** The maximum number of event loops of one server. */
    public static final int LOOPS_MAX = 1_024;

    /** The default factory of the handlers' threads. */
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();

    private final List<EventLoop> loops;
    private final boolean ownsLoops;
    private final List<LoopListener> listeners;
    private final List<Sessions> sessions;
    private final ServerCounters counters;
    private final ShutdownDrain shutdown = new ShutdownDrain(this);

    private Server(
            List<EventLoop> loops,
            boolean ownsLoops,
            List<LoopListener> listeners,
            List<Sessions> sessions,
            ServerCounters counters) {
        this.sessions = sessions;
        this.loops = loops;
        this.ownsLoops = ownsLoops;
        this.listeners = listeners;
        this.counters = counters;
    }

    /** {@return a builder for a server, which needs at least one handler} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the address that was passed to {@code listen}, with the real port if the port was 0} */
    public Address address() {
        return listeners.getFirst().address();
    }

    /** {@return the bound addresses, each as an IP address with its real port} */
    public List<Address> addresses() {
        return listeners.getFirst().addresses();
    }

    /** {@return the number of open connections} */
    public int openConnections() {
        return listeners.getFirst().openConnections();
    }

    /**
     * {@return the number of requests since the server started, including those without a handler} The request {@code
     * parley.peer}, which each client sends on a new connection, is not counted.
     */
    public long requests() {
        return counters.requests.sum();
    }

    /**
     * {@return the number of control messages since the server started that were ignored because this version does not
     * know their names}
     */
    public long ignoredControls() {
        return counters.ignoredControls.sum();
    }

    /** {@return the number of messages since the server started that were cut off by the end of their connection} */
    public long truncatedMessages() {
        return counters.truncated.sum();
    }

    /**
     * Waits until the server's loop is closed. A loop of the server's own is closed with the server. If the loop was
     * passed to {@code listen}, the owner of the loop closes it. Do not call this method on a loop's thread, for
     * example in a handler of {@code onLoop}.
     *
     * @throws InterruptedException if the caller was interrupted; the server goes on
     */
    public void join() throws InterruptedException {
        shutdown.joins(Thread.currentThread());
        try {
            loops.getFirst().join();
        } finally {
            shutdown.joined(Thread.currentThread());
        }
    }

    /**
     * Drains this server if the process is asked to end: by SIGTERM, by Ctrl-C, or by {@link System#exit}. After the
     * drain, {@link #join} returns, and the process waits until the thread that called {@code join} has ended. So the
     * code after {@code join} still runs, such as the end of a {@code try}. A second signal ends the process at once.
     * Without this method, the JVM stops all threads where they are.
     *
     * {@snippet :
     * try (var server = Server.builder().on("echo", request -> request).listen("tcp://localhost:0")) {
     *     server.drainOnShutdown(Duration.ofSeconds(10));
     *     // server.join();
     * }
     * System.out.println("closed");
     * }
     *
     * @param grace the time that requests under way may take, see {@link #drain}; after the drain, the code after
     *     {@code join} may take as long again; zero or more. If this method is called several times, the last call
     *     counts
     * @throws IllegalArgumentException if the grace is negative
     * @throws IllegalStateException if the process is already ending
     */
    public void drainOnShutdown(Duration grace) {
        checkGrace(grace);
        shutdown.set(grace);
    }

    private static void checkGrace(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("a grace of " + grace + "; it must be zero or more");
        }
    }

    /**
     * Ends the server, but lets the requests under way finish. The server stops listening, and notifies its clients, so
     * that they use another server. It refuses new requests with {@code going-away}, which means that they were not
     * processed. Requests that are not finished within the grace period get {@code unavailable}. Their connections are
     * closed at most a few seconds later. Then the server's own loops are closed. Any thread except a loop's thread may
     * call this method, once.
     *
     * @param grace the time that requests under way may take; zero or more
     * @return the number of connections that finished, and the number of connections that were cut
     * @throws InterruptedException if the caller was interrupted; the drain goes on
     * @throws IllegalArgumentException if the grace is negative
     * @throws IllegalStateException if it is called on the thread of a loop
     */
    public DrainReport drain(Duration grace) throws InterruptedException {
        EventLoop.checkMayBlock("drain(…)", "let another thread wait, such as main");
        checkGrace(grace);
        listeners.reversed().forEach(LoopListener::close);
        List<CompletableFuture<DrainReport>> reports =
                sessions.stream().map(each -> each.drain(grace)).toList();
        DrainReport whole = DrainReport.NOTHING;
        for (CompletableFuture<DrainReport> report : reports) {
            try {
                whole = whole.plus(report.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        close();
        return whole;
    }

    /**
     * Stops listening. If the loops are the server's own, this method also closes every connection, and interrupts
     * running handlers without waiting for them. If the loop was passed to {@code listen}, open connections are still
     * served. A second call has no effect.
     */
    @Override
    public void close() {
        shutdown.unset();
        listeners.reversed().forEach(LoopListener::close);
        if (ownsLoops) {
            loops.reversed().forEach(EventLoop::close);
        }
    }

    /**
     * Collects the handlers and settings of a server. Not safe for several threads. Each handler serves many requests
     * at once.
     */
    public static final class Builder {
        private final Map<String, Route> routes = new HashMap<>();
        private @Nullable Route otherwise;
        private MessageLimits limits = MessageLimits.DEFAULT;
        private boolean closeAfterResponse;
        private LoopObserver observer = LoopObserver.logging();
        private EventLoop.Builder loopSettings = EventLoop.builder();
        private int loopCount = 1;
        private ThreadFactory threads = VIRTUAL;
        private final List<Filter> filters = new ArrayList<>();
        private boolean interrupts = true;
        private final Map<String, Boolean> interruptsOf = new HashMap<>();

        private Builder() {}

        // Handlers.

        /**
         * Adds a handler of values for an action: the handler gets a question of type {@code Q}, and returns an answer
         * of type {@code A}. Each request runs on a virtual thread of its own, so the handler may block.
         *
         * @param <Q> the question's type
         * @param <A> the answer's type
         * @param action the action; a request whose content does not fit its question's type is refused
         * @param handler called with the question
         * @return this builder
         * @throws IllegalArgumentException if the action already has a handler, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder on(Action<Q, A> action, TypedHandler<Q, A> handler) {
            return on(action, (question, exchange) -> handler.handle(question));
        }

        /**
         * Adds a handler of values that also gets the exchange; see {@link #on(Action, TypedHandler)}.
         *
         * @param <Q> the question's type
         * @param <A> the answer's type
         * @param action the action; a request whose content does not fit its question's type is refused
         * @param handler called with the question
         * @return this builder
         * @throws IllegalArgumentException if the action already has a handler, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder on(Action<Q, A> action, TypedExchangeHandler<Q, A> handler) {
            return add(action.name(), new Route(typed(action, handler), false));
        }

        /**
         * Adds a handler of messages for an action; each request runs on a virtual thread of its own, so the handler
         * may block.
         *
         * @param action the name of the action
         * @param handler called with the request as it arrived
         * @return this builder
         * @throws IllegalArgumentException if the name is not valid, already has a handler, or is the server's own
         *     {@code parley.peer}
         */
        public Builder on(String action, Handler handler) {
            return on(action, (request, exchange) -> handler.handle(request));
        }

        /**
         * Adds a handler of messages that also gets the exchange; see {@link #on(String, Handler)}.
         *
         * @param action the name of the action
         * @param handler called with the request as it arrived
         * @return this builder
         * @throws IllegalArgumentException if the name is not valid, already has a handler, or is the server's own
         *     {@code parley.peer}
         */
        public Builder on(String action, ExchangeHandler handler) {
            return add(action, new Route(handler, false));
        }

        /**
         * Adds a handler that responds to a question with a stream of values; it runs on a virtual thread of its own,
         * so it may block.
         *
         * @param <Q> the question's type
         * @param <A> the type of each answer
         * @param action the action; a request whose content does not fit its question's type is refused
         * @param handler called with the question; the stream ends when it returns
         * @return this builder
         * @throws IllegalArgumentException if the action already has a handler, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder onStream(Action<Q, A> action, StreamHandler<Q, A> handler) {
            return onDuplex(action, (in, out, exchange) -> {
                Q question = in.receive();
                if (question == null) {
                    throw ContentException.bad("the content is empty; it must hold a question", null);
                }
                handler.handle(question, out);
            });
        }

        /**
         * Adds a handler that responds to a stream of values with one value; it runs on a virtual thread of its own, so
         * it may block.
         *
         * @param <Q> the type of each value
         * @param <A> the answer's type
         * @param action the action; values whose content does not fit the question's type are refused
         * @param handler called when the first message has arrived
         * @return this builder
         * @throws IllegalArgumentException if the action already has a handler, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder onUpload(Action<Q, A> action, UploadHandler<Q, A> handler) {
            return add(
                    action.name(),
                    Route.ofStream((in, out, exchange) -> Message.ofAnswer(
                            Objects.requireNonNull(handler.handle(in(action, in)), "the handler returned null"))));
        }

        /**
         * Adds a handler that responds to a stream of values with a stream of values; it runs on a virtual thread of
         * its own, so it may block.
         *
         * @param <Q> the type of the values to receive
         * @param <A> the type of the values to send
         * @param action the action; values whose content does not fit the question's type are refused
         * @param handler called when the first message has arrived; the stream ends when it returns
         * @return this builder
         * @throws IllegalArgumentException if the action already has a handler, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder onDuplex(Action<Q, A> action, DuplexHandler<Q, A> handler) {
            return add(action.name(), Route.ofStream((in, out, exchange) -> {
                handler.handle(in(action, in), new TypedOut<>(out, Message::ofAnswer), exchange);
                return null;
            }));
        }

        /**
         * Returns the incoming direction of a stream. To close it has no effect, since the values that a handler leaves
         * unread are dropped anyway when the handler returns.
         */
        private static <Q> InStream<Q> in(Action<Q, ?> action, StreamReceiver in) {
            return new TypedIn<>(in, message -> message.to(action.question()), () -> {});
        }

        /**
         * Adds a handler of values that runs on the connection's loop. This is the fastest way, but the handler must
         * never block. If the content of a question is longer than {@link MessageLimits#onLoopBytesMax}, another thread
         * creates the value from it. The answer is always written as JSON on the loop, since the answer may refer to
         * objects that only the loop may read. For answers of megabytes, use {@link #on(Action, TypedHandler)}.
         *
         * @param <Q> the question's type
         * @param <A> the answer's type
         * @param action the action; a request whose content does not fit its question's type is refused
         * @param handler the handler; while it runs, every connection of the loop waits
         * @return this builder
         * @throws IllegalArgumentException if the action already has a handler, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder onLoop(Action<Q, A> action, TypedHandler<Q, A> handler) {
            var route = new Route(typed(action, (question, exchange) -> handler.handle(question)), true);
            return add(action.name(), route.binding(action.question() == Message.class ? null : action.question()));
        }

        /**
         * Adds a handler of messages that runs on the connection's loop, and so must never block. So that nothing is
         * allocated for the request, the request is lent: it is only valid until the handler returns. To keep it
         * longer, use {@link Message#kept}.
         *
         * @param action the name of the action
         * @param handler the handler; while it runs, every connection of the loop waits; it may return the same message
         *     for every request
         * @return this builder
         * @throws IllegalArgumentException if the name is not valid, already has a handler, or is the server's own
         *     {@code parley.peer}
         */
        public Builder onLoop(String action, Handler handler) {
            return add(action, new Route((request, exchange) -> handler.handle(request), true));
        }

        /**
         * Adds a default handler for all requests that have no other handler, including requests without an action. The
         * default handler runs on virtual threads. Without a default handler, such requests get {@code unknown-action}.
         *
         * @param handler called with the request as it arrived
         * @return this builder
         * @throws IllegalArgumentException if there already is a default handler
         */
        public Builder otherwise(Handler handler) {
            return otherwise(new Route((request, exchange) -> handler.handle(request), false));
        }

        /**
         * Adds a default handler that runs on the connection's loop, and so must never block; see {@link
         * #otherwise(Handler)}.
         *
         * @param handler the handler; while it runs, every connection of the loop waits
         * @return this builder
         * @throws IllegalArgumentException if there already is a default handler
         */
        public Builder otherwiseOnLoop(Handler handler) {
            return otherwise(new Route((request, exchange) -> handler.handle(request), true));
        }

        private Builder otherwise(Route route) {
            if (otherwise != null) {
                throw new IllegalArgumentException("there is already a default handler; a server has only one");
            }
            otherwise = route;
            return this;
        }

        /**
         * Sets whether a handler is interrupted when its answer is no longer wanted, because the client has cancelled,
         * its time is over, or its connection is gone. By default, handlers are interrupted. An interrupt closes each
         * {@link java.nio.channels.FileChannel} and {@link java.nio.channels.SocketChannel} that the handler is using
         * at that moment, for all threads that share it. So turn interrupts off for handlers that share a file, a
         * socket, or a database which uses one. Such a handler can check {@link Exchange#isCancelled} or register a
         * hook with {@link Exchange#onCancel} instead. If a handler is waiting for a value of a stream, or for room to
         * send, the wait ends with an exception in any case.
         *
         * @param interrupted true to interrupt all handlers of this server, except the handlers of the actions that
         *     were passed to {@link #interrupts(String, boolean)}
         * @return this builder
         */
        public Builder interrupts(boolean interrupted) {
            interrupts = interrupted;
            return this;
        }

        /**
         * Sets whether the handler of one action is interrupted, whatever the setting for the other handlers is; see
         * {@link #interrupts(boolean)}.
         *
         * @param action the name of the action, which need not have a handler yet
         * @param interrupted true to interrupt the handler
         * @return this builder
         */
        public Builder interrupts(String action, boolean interrupted) {
            interruptsOf.put(action, interrupted);
            return this;
        }

        private boolean isInterrupted(String action) {
            return interruptsOf.getOrDefault(action, interrupts);
        }

        private Builder add(String action, Route route) {
            if (!ActionName.isValid(action)) {
                throw new IllegalArgumentException(
                        "'" + action + "' is not an action name; it must be " + ActionName.RULE);
            }
            if (action.equals(Router.WHO_ARE_YOU)) {
                throw new IllegalArgumentException("'" + action + "' is answered by the server itself");
            }
            if (routes.put(action, route) != null) {
                throw new IllegalArgumentException(
                        "there is already a handler for '" + action + "'; an action has only one");
            }
            return this;
        }

        private static <Q, A> ExchangeHandler typed(Action<Q, A> action, TypedExchangeHandler<Q, A> handler) {
            return (request, exchange) -> {
                Q question = request.to(action.question());
                return Message.ofAnswer(
                        Objects.requireNonNull(handler.handle(question, exchange), "the handler returned null"));
            };
        }

        /**
         * Adds a filter, a function around every handler, including the handlers that were added before. The filter
         * that was added first is the outermost.
         *
         * @param filter the filter, which runs on the same thread as the handler
         * @return this builder
         */
        public Builder filter(Filter filter) {
            filters.add(filter);
            return this;
        }

        // Settings.

        /**
         * Sets the message limits. The default is {@link MessageLimits#DEFAULT}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder limits(MessageLimits value) {
            limits = value;
            return this;
        }

        /**
         * Sets whether to close each connection after its first response, as the tutorial's server does; by default the
         * connection stays open.
         *
         * @param value true to close connections like the tutorial's server
         * @return this builder
         */
        public Builder closeAfterResponse(boolean value) {
            closeAfterResponse = value;
            return this;
        }

        /**
         * Sets the number of the server's own loops, which share the connections. With a {@code mem:} address there can
         * only be one loop.
         *
         * @param count 1 (the default) to {@link #LOOPS_MAX}
         * @return this builder
         * @throws IllegalArgumentException if the count is out of that range
         */
        public Builder loops(int count) {
            if (count < 1 || count > LOOPS_MAX) {
                throw new IllegalArgumentException("loops is " + count + "; it must be from 1 to " + LOOPS_MAX);
            }
            loopCount = count;
            return this;
        }

        /**
         * Sets the settings of the server's own loops.
         *
         * @param value the loop's settings; the server replaces their observer by the observer of this builder, and for
         *     a {@code mem:} address sets the transport to the shared network
         * @return this builder
         */
        public Builder loop(EventLoop.Builder value) {
            loopSettings = value;
            return this;
        }

        /**
         * Sets the observer of events. The default is {@link LoopObserver#logging()}. If a loop is passed to {@code
         * listen}, the loop's own observer gets the events of connections, and this observer only gets the failures of
         * handlers.
         *
         * @param value never null
         * @return this builder
         */
        public Builder observer(LoopObserver value) {
            observer = value;
            return this;
        }

        /**
         * Sets the factory of the handlers' threads. Each request or stream has a thread of its own, which the server
         * names. The default is a factory of virtual threads.
         *
         * @param value a factory of threads that are cheap, and that any thread may start
         * @return this builder
         */
        public Builder threads(ThreadFactory value) {
            threads = value;
            return this;
        }

        /**
         * Listens on an address; see {@link #listen(Address)}.
         *
         * @param address an address such as {@code tcp://localhost:65432}
         * @return the listening server, which the caller must close
         * @throws BindFailedException if the address cannot be bound
         * @throws dev.parley.net.AddressException if the text is not an address
         * @throws IllegalStateException if there is no handler
         */
        public Server listen(String address) throws BindFailedException {
            return listen(Address.parse(address));
        }

        /**
         * Starts the server's loops and listens. This method returns at once.
         *
         * @param address the address to listen on; port 0, or an empty name, stands for a free port or name, which
         *     {@link Server#address} returns
         * @return the listening server, which the caller must close
         * @throws BindFailedException if the address cannot be bound
         * @throws IllegalStateException if there is no handler
         * @throws UnsupportedOperationException if there are several loops and the address is a {@code mem:} address
         * @throws java.io.UncheckedIOException if the system gives a loop no selector
         */
        public Server listen(Address address) throws BindFailedException {
            ServerSettings settings = settings();
            if (address instanceof Address.Mem) {
                loopSettings.transport(MemNetwork.shared());
            }
            var loops = new ArrayList<EventLoop>();
            try {
                loops.addAll(loopSettings.observer(observer).start(loopCount));
                return listen(settings, loops, true, address);
            } catch (BindFailedException | RuntimeException e) {
                loops.forEach(EventLoop::close);
                throw e;
            }
        }

        /**
         * Listens on the caller's loop, which stays open after {@link #close}.
         *
         * @param loop a loop whose transport supports the address
         * @param address the address to listen on; port 0, or an empty name, stands for a free port or name, which
         *     {@link Server#address} returns
         * @return the listening server, which the caller must close
         * @throws BindFailedException if the address cannot be bound
         * @throws dev.parley.net.AddressException if the loop's transport does not support the address
         * @throws IllegalStateException if there is no handler, or the loop is closed
         */
        public Server listen(EventLoop loop, Address address) throws BindFailedException {
            return listen(settings(), List.of(loop), false, address);
        }

        private ServerSettings settings() {
            if (routes.isEmpty() && otherwise == null) {
                throw new IllegalStateException("a server needs a handler: on(action, …) or otherwise(…)");
            }
            UnauthenticatedConnections unauthenticated = filters.stream().anyMatch(Authorization.class::isInstance)
                    ? new UnauthenticatedConnections()
                    : null;
            LoopObserver guarded = LoopObserver.guarded(observer);
            return new ServerSettings(
                    router(unauthenticated),
                    limits,
                    closeAfterResponse,
                    guarded,
                    new FailureLog(guarded),
                    threads,
                    new ServerCounters(),
                    unauthenticated);
        }

        private Router router(@Nullable UnauthenticatedConnections unauthenticated) {
            List<Filter> all = filters.stream()
                    .map(each -> unauthenticated != null && each instanceof Authorization authorization
                            ? authorization.telling(unauthenticated::accepted)
                            : each)
                    .toList();
            var filtered = new HashMap<String, Route>();
            routes.forEach((name, route) ->
                    filtered.put(name, new FilterChain(all, name).route(route.interrupting(isInterrupted(name)))));
            var nameless = new FilterChain(all, null);
            Route last = otherwise == null ? null : nameless.route(otherwise.interrupting(interrupts));
            return new Router(filtered, last, unauthenticated == null ? null : nameless);
        }

        private static Server listen(ServerSettings settings, List<EventLoop> loops, boolean ownsLoops, Address address)
                throws BindFailedException {
            List<Sessions> sessions =
                    loops.stream().map(loop -> new Sessions(loop, settings)).toList();
            var listeners = new ArrayList<LoopListener>();
            for (int i = 0; i < loops.size(); i++) {
                var each = new SessionEach(settings, sessions.get(i));
                listeners.add(
                        i == 0
                                ? loops.get(0).listen(address, each)
                                : loops.get(i).listenWith(listeners.getFirst(), each));
            }
            return new Server(loops, ownsLoops, listeners, sessions, settings.counters());
        }
    }

    /** Gives each connection a session of its own. */
    private record SessionEach(ServerSettings settings, Sessions sessions) implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            connection.receiver(new ServerSession(settings, sessions, connection));
        }

        @Override
        public @Nullable String refusal(LoopConnection connection) {
            UnauthenticatedConnections unauthenticated = settings.unauthenticated();
            return unauthenticated == null ? null : unauthenticated.refusal(connection);
        }

        @Override
        public ByteBuffer turnedAway(LoopConnection connection) {
            return Sessions.lastWords(connection, settings);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            connection.close(CloseReason.FAILED);
        }
    }
}
