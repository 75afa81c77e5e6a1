package dev.parley;

import dev.parley.frame.ActionName;
import dev.parley.link.StreamReceiver;
import dev.parley.link.TypedIn;
import dev.parley.link.TypedOut;
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
 * A server of messages: listens, and answers each request with its handler. Any thread may use it.
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
    /** The most event loops of one server. */
    public static final int LOOPS_MAX = 1_024;

    /** One for all, so that servers on one loop hand their requests over together. */
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

    /** {@return settings for a server; it needs a handler at least} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the address as it was asked for, with the real port where port 0 was asked} */
    public Address address() {
        return listeners.getFirst().address();
    }

    /** {@return each address that is bound, as an IP address with its real port} */
    public List<Address> addresses() {
        return listeners.getFirst().addresses();
    }

    /** {@return how many connections are open} */
    public int openConnections() {
        return listeners.getFirst().openConnections();
    }

    /**
     * {@return how many requests were taken since it started, those that no handler was found for included} The
     * question that each client asks on a new connection, {@code parley.peer}, is not one of them.
     */
    public long requests() {
        return counters.requests.sum();
    }

    /** {@return how many control messages were ignored since it started, as this version does not know their names} */
    public long ignoredControls() {
        return counters.ignoredControls.sum();
    }

    /** {@return how many messages were cut off by the end of their connection since it started} */
    public long truncatedMessages() {
        return counters.truncated.sum();
    }

    /**
     * Waits until the server's loop is closed: with the server, or, where it is the caller's, by the caller. Never on a
     * loop's thread, nor in one of {@code onLoop}'s handlers.
     *
     * @throws InterruptedException when the caller was interrupted; the server goes on
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
     * Drains this server if the process is told to end: by SIGTERM, by Ctrl-C, by {@link System#exit}. Then {@link
     * #join} returns, and what its caller does next is awaited, such as the end of a {@code try} and what stands behind
     * it; the process ends when the caller's thread has. A second signal ends the process at once. Without this the JVM
     * stops all threads where they are.
     *
     * {@snippet :
     * try (var server = Server.builder().on("echo", request -> request).listen("tcp://localhost:0")) {
     *     server.drainOnShutdown(Duration.ofSeconds(10));
     *     // server.join();
     * }
     * System.out.println("closed");
     * }
     *
     * @param grace how long what is under way may take, see {@link #drain}, and as long again what stands behind {@code
     *     join}; zero or more. The last call counts
     * @throws IllegalArgumentException when the grace is negative
     * @throws IllegalStateException when the process is ending already
     */
    public void drainOnShutdown(Duration grace) {
        checkGrace(grace);
        shutdown.set(grace);
    }

    private static void checkGrace(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("a grace of " + grace + "; zero or more");
        }
    }

    /**
     * Ends without losing anything that may still be finished: stops listening, tells clients to go elsewhere, answers
     * what is under way, and refuses new requests as {@code going-away}, which says that they were not processed. What
     * is not done within the grace is answered {@code unavailable}, and its connection closed, a few seconds later at
     * most. Loops of its own are closed then. Any thread but a loop's; once.
     *
     * @param grace how long what is under way may take; zero or more
     * @return who was finished, and who was cut
     * @throws InterruptedException when the caller was interrupted; the drain goes on
     * @throws IllegalArgumentException when the grace is negative
     * @throws IllegalStateException on the thread of a loop
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
     * Stops listening and, where the loops are the server's own, closes every connection; handlers that run are
     * interrupted, and not awaited. On a loop of the caller's, connections that stand are served on. Twice is harmless.
     */
    @Override
    public void close() {
        shutdown.unset();
        listeners.reversed().forEach(LoopListener::close);
        if (ownsLoops) {
            loops.reversed().forEach(EventLoop::close);
        }
    }

    /** Collects the settings of a server; not for several threads. A handler serves many requests at once. */
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
         * Answers an action with values; each request on a virtual thread of its own, so the handler may block.
         *
         * @param <Q> the question's type
         * @param <A> the answer's type
         * @param action a request whose content does not fit its question's type is refused
         * @param handler called with what was asked
         * @return this builder
         * @throws IllegalArgumentException when the action has a handler already, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder on(Action<Q, A> action, TypedHandler<Q, A> handler) {
            return on(action, (question, exchange) -> handler.handle(question));
        }

        /**
         * The same, for a handler that wants to know about the exchange.
         *
         * @param <Q> the question's type
         * @param <A> the answer's type
         * @param action a request whose content does not fit its question's type is refused
         * @param handler called with what was asked
         * @return this builder
         * @throws IllegalArgumentException when the action has a handler already, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder on(Action<Q, A> action, TypedExchangeHandler<Q, A> handler) {
            return add(action.name(), new Route(typed(action, handler), false));
        }

        /**
         * Answers an action with messages; each request on a virtual thread of its own, so the handler may block.
         *
         * @param action its name
         * @param handler called with the request as it came
         * @return this builder
         * @throws IllegalArgumentException when it is no action name, has a handler already, or is the server's own
         *     {@code parley.peer}
         */
        public Builder on(String action, Handler handler) {
            return on(action, (request, exchange) -> handler.handle(request));
        }

        /**
         * The same, for a handler that wants to know about the exchange.
         *
         * @param action its name
         * @param handler called with the request as it came
         * @return this builder
         * @throws IllegalArgumentException when it is no action name, has a handler already, or is the server's own
         *     {@code parley.peer}
         */
        public Builder on(String action, ExchangeHandler handler) {
            return add(action, new Route(handler, false));
        }

        /**
         * Answers a question with a stream of values, on a virtual thread of its own, so the handler may block.
         *
         * @param <Q> the question's type
         * @param <A> the type of each answer
         * @param action a request whose content does not fit its question's type is refused
         * @param handler called with what was asked; the stream ends when it returns
         * @return this builder
         * @throws IllegalArgumentException when the action has a handler already, or is the server's own {@code
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
         * Answers a stream of values with one, on a virtual thread of its own, so the handler may block.
         *
         * @param <Q> the type of each value
         * @param <A> the answer's type
         * @param action values whose content does not fit the question's type are refused
         * @param handler called when the first message has come
         * @return this builder
         * @throws IllegalArgumentException when the action has a handler already, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder onUpload(Action<Q, A> action, UploadHandler<Q, A> handler) {
            return add(
                    action.name(),
                    Route.ofStream((in, out, exchange) -> Message.ofAnswer(
                            Objects.requireNonNull(handler.handle(in(action, in)), "the handler returned null"))));
        }

        /**
         * Answers a stream of values with a stream of values, on a virtual thread of its own, so the handler may block.
         *
         * @param <Q> the type of what comes
         * @param <A> the type of what goes
         * @param action values whose content does not fit the question's type are refused
         * @param handler called when the first message has come; the stream ends when it returns
         * @return this builder
         * @throws IllegalArgumentException when the action has a handler already, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder onDuplex(Action<Q, A> action, DuplexHandler<Q, A> handler) {
            return add(action.name(), Route.ofStream((in, out, exchange) -> {
                handler.handle(in(action, in), new TypedOut<>(out, Message::ofAnswer), exchange);
                return null;
            }));
        }

        /** What a handler leaves unread is dropped when it returns, so closing has nothing to do. */
        private static <Q> InStream<Q> in(Action<Q, ?> action, StreamReceiver in) {
            return new TypedIn<>(in, message -> message.to(action.question()), () -> {});
        }

        /**
         * Answers an action with values on the connection's loop: the fastest way, for a handler that never blocks.
         *
         * @param <Q> the question's type
         * @param <A> the answer's type
         * @param action a request whose content does not fit its question's type is refused
         * @param handler while it runs, every connection of the loop waits
         * @return this builder
         * @throws IllegalArgumentException when the action has a handler already, or is the server's own {@code
         *     parley.peer}
         */
        public <Q, A> Builder onLoop(Action<Q, A> action, TypedHandler<Q, A> handler) {
            var route = new Route(typed(action, (question, exchange) -> handler.handle(question)), true);
            return add(action.name(), route.binding(action.question() == Message.class ? null : action.question()));
        }

        /**
         * Answers an action with messages on the connection's loop, for a handler that never blocks. The request is
         * lent: it is valid until the handler returns, and {@link Message#kept} makes one to keep. So nothing is
         * allocated for it.
         *
         * @param action its name
         * @param handler while it runs, every connection of the loop waits; a response that is always the same may be
         *     one message
         * @return this builder
         * @throws IllegalArgumentException when it is no action name, has a handler already, or is the server's own
         *     {@code parley.peer}
         */
        public Builder onLoop(String action, Handler handler) {
            return add(action, new Route((request, exchange) -> handler.handle(request), true));
        }

        /**
         * Answers what no other handler does, requests without any action included, on virtual threads. Without it they
         * are answered {@code unknown-action}.
         *
         * @param handler called with the request as it came
         * @return this builder
         * @throws IllegalArgumentException when there is a default handler already
         */
        public Builder otherwise(Handler handler) {
            return otherwise(new Route((request, exchange) -> handler.handle(request), false));
        }

        /**
         * The same on the connection's loop, for a handler that never blocks.
         *
         * @param handler while it runs, every connection of the loop waits
         * @return this builder
         * @throws IllegalArgumentException when there is a default handler already
         */
        public Builder otherwiseOnLoop(Handler handler) {
            return otherwise(new Route((request, exchange) -> handler.handle(request), true));
        }

        private Builder otherwise(Route route) {
            if (otherwise != null) {
                throw new IllegalArgumentException("there is a default handler already; a server has one");
            }
            otherwise = route;
            return this;
        }

        /**
         * Says whether handlers are interrupted when nobody waits for their answers any more: their client has given
         * up, its time is over, or its connection is gone. They are by default. An interrupt closes each {@link
         * java.nio.channels.FileChannel} and {@link java.nio.channels.SocketChannel} that the handler is using at that
         * moment, for all who share it: turn it off for handlers that share a file, a socket or a database which uses
         * one, and ask {@link Exchange#isCancelled} or register with {@link Exchange#onCancel} instead. A handler that
         * waits for more of a stream, or for room to send, is ended in any case.
         *
         * @param interrupted for all handlers of this server but those of {@link #interrupts(String, boolean)}
         * @return this builder
         */
        public Builder interrupts(boolean interrupted) {
            interrupts = interrupted;
            return this;
        }

        /**
         * The same for the handler of one action, whatever holds for the others.
         *
         * @param action its name; there may be no handler for it yet
         * @param interrupted whether it is
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
                throw new IllegalArgumentException("'" + action + "' is no action name; " + ActionName.RULE);
            }
            if (action.equals(Router.WHO_ARE_YOU)) {
                throw new IllegalArgumentException("'" + action + "' is answered by the server itself");
            }
            if (routes.put(action, route) != null) {
                throw new IllegalArgumentException(
                        "there is a handler for '" + action + "' already; each action has one");
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
         * Puts a function around every handler, those that were added before it included; the first filter is the
         * outermost.
         *
         * @param filter runs where the handler does
         * @return this builder
         */
        public Builder filter(Filter filter) {
            filters.add(filter);
            return this;
        }

        // Settings.

        /**
         * Bounds of messages; by default {@link MessageLimits#DEFAULT}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder limits(MessageLimits value) {
            limits = value;
            return this;
        }

        /**
         * Whether to close each connection after its first response, as the tutorial's server does; by default not.
         *
         * @param value true for the tutorial's way
         * @return this builder
         */
        public Builder closeAfterResponse(boolean value) {
            closeAfterResponse = value;
            return this;
        }

        /**
         * How many loops of its own share the connections. Inside the process ({@code mem:}) there can be one only.
         *
         * @param count 1 (the default) to {@link #LOOPS_MAX}
         * @return this builder
         * @throws IllegalArgumentException when it is outside that
         */
        public Builder loops(int count) {
            if (count < 1 || count > LOOPS_MAX) {
                throw new IllegalArgumentException("loops is " + count + "; 1 to " + LOOPS_MAX);
            }
            loopCount = count;
            return this;
        }

        /**
         * Settings of the server's own loops.
         *
         * @param value its events are replaced by those given here, and for a {@code mem:} address its transport too
         * @return this builder
         */
        public Builder loop(EventLoop.Builder value) {
            loopSettings = value;
            return this;
        }

        /**
         * Who is told what happens; by default {@link LoopObserver#logging()}. On a loop of the caller's, what happens
         * to connections is told to that loop's events, and only the failures of handlers to these.
         *
         * @param value never null
         * @return this builder
         */
        public Builder observer(LoopObserver value) {
            observer = value;
            return this;
        }

        /**
         * Who makes the threads of handlers, one for each request or stream; they get a name. By default virtual ones.
         *
         * @param value its threads are cheap, and ready to be started by any thread
         * @return this builder
         */
        public Builder threads(ThreadFactory value) {
            threads = value;
            return this;
        }

        /**
         * Listens on an address; see {@link #listen(Address)}.
         *
         * @param address such as {@code tcp://localhost:65432}
         * @return the server, listening; the caller closes it
         * @throws BindFailedException when the address cannot be bound
         * @throws dev.parley.net.AddressException when the text is no address
         * @throws IllegalStateException when it has no handler
         */
        public Server listen(String address) throws BindFailedException {
            return listen(Address.parse(address));
        }

        /**
         * Starts its loops and listens; returns at once.
         *
         * @param address port 0, or an empty name, takes a free one; see {@link Server#address}
         * @return the server, listening; the caller closes it
         * @throws BindFailedException when the address cannot be bound
         * @throws IllegalStateException when it has no handler
         * @throws UnsupportedOperationException for several loops on a {@code mem:} address
         * @throws java.io.UncheckedIOException when the system gives a loop no selector
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
         * Listens on a loop of the caller's, which stays open after {@link #close}.
         *
         * @param loop its transport must have such addresses
         * @param address port 0, or an empty name, takes a free one; see {@link Server#address}
         * @return the server, listening; the caller closes it
         * @throws BindFailedException when the address cannot be bound
         * @throws dev.parley.net.AddressException when the loop's transport has no such addresses
         * @throws IllegalStateException when it has no handler, or the loop is closed
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
