package dev.parley;

import dev.parley.frame.Header;
import dev.parley.link.MessageTls;
import dev.parley.link.StreamMessages;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.EventLoopGroup;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.tls.Tls;
import dev.parley.server.Authorization;
import dev.parley.server.ConnectionHooks;
import dev.parley.server.FailureLog;
import dev.parley.server.Health;
import dev.parley.server.LoopStream;
import dev.parley.server.Route;
import dev.parley.server.ServerCounters;
import dev.parley.server.ServerSettings;
import dev.parley.server.SessionAcceptor;
import dev.parley.server.Sessions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Collects the handlers and settings of a server. Not safe for several threads. Each handler serves many requests
 * at once.
 */
public final class ServerBuilder {
    /** The default factory of the handlers' threads. */
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();

    private final HandlerTable handlers;
    private MessageLimits limits = MessageLimits.DEFAULT;
    private boolean closeAfterResponse;
    private @Nullable LoopObserver observer;
    private @Nullable RequestObserver requestObserver;
    private boolean httpHealth;
    private boolean limitsAbuse = true;
    private @Nullable Cluster cluster;
    private boolean healthNeedsCluster;

    /** The counters of the server whose node this is; null for a server of its own. */
    private @Nullable ServerCounters countersOfOuter;

    private EventLoop.@Nullable Builder loopSettings;
    private final Set<String> passedOn = new LinkedHashSet<>(List.of(Header.TRACEPARENT, "tracestate"));
    private int loopCount = 1;
    private ThreadFactory threads = VIRTUAL;
    private final List<Consumer<ConnectionInfo>> connected = new ArrayList<>();
    private final List<Consumer<ConnectionInfo>> disconnected = new ArrayList<>();
    private @Nullable Authorizer authorizer;
    private @Nullable Tls tls;

    ServerBuilder() {
        this(new HandlerTable());
    }

    private ServerBuilder(HandlerTable handlers) {
        this.handlers = handlers;
    }

    // Handlers.

    /**
     * Adds a handler for an action: the handler gets a question of type {@code Q}, and returns an answer of type
     * {@code A}. Each request runs on a virtual thread of its own, so the handler may block.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action; a request whose content does not fit its question's type is refused
     * @param handler called with the question and the exchange
     * @return this builder
     * @throws IllegalArgumentException if the action already has a handler, or begins with {@code parley.},
     *     as the server's own do
     */
    public <Q extends @Nullable Object, A extends @Nullable Object> ServerBuilder on(
            Action<Q, A> action, Handler<Q, A> handler) {
        return add(action, "call", new Route(TypedHandlers.typed(action, handler), false));
    }

    /**
     * Adds a handler that needs only the question; see {@link #on(Action, Handler)}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action
     * @param handler called with the question
     * @return this builder
     * @throws IllegalArgumentException as for {@link #on(Action, Handler)}
     */
    public <Q extends @Nullable Object, A extends @Nullable Object> ServerBuilder on(
            Action<Q, A> action, Handler.Simple<Q, A> handler) {
        return on(action, TypedHandlers.full(handler));
    }

    /**
     * Adds a raw handler, which gets requests unchanged. Each request runs on a virtual thread of its own, so the
     * handler may block.
     *
     * @param action the name of the action
     * @param handler called with the request as it arrived, and the exchange
     * @return this builder
     * @throws IllegalArgumentException if the name is not valid, already has a handler, or begins with {@code
     *     parley.}, as the server's own do
     */
    public ServerBuilder on(String action, Handler<Message, Message> handler) {
        handlers.addRaw(action, new Route(handler, false));
        return this;
    }

    /**
     * Adds a raw handler that needs only the request; see {@link #on(String, Handler)}.
     *
     * @param action the name of the action
     * @param handler called with the request as it arrived
     * @return this builder
     * @throws IllegalArgumentException as for {@link #on(String, Handler)}
     */
    public ServerBuilder on(String action, Handler.Simple<Message, Message> handler) {
        return on(action, TypedHandlers.full(handler));
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
     * @throws IllegalArgumentException if the action already has a handler, or begins with {@code parley.},
     *     as the server's own do
     */
    public <Q extends @Nullable Object, A> ServerBuilder onStream(Action<Q, A> action, StreamHandler<Q, A> handler) {
        return add(action, "stream", TypedHandlers.stream(action, handler));
    }

    /**
     * Adds a handler of a stream that does not need the exchange; see {@link #onStream(Action, StreamHandler)}.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action
     * @param handler called with the question; the stream ends when it returns
     * @return this builder
     * @throws IllegalArgumentException as for {@link #onStream(Action, StreamHandler)}
     */
    public <Q extends @Nullable Object, A> ServerBuilder onStream(
            Action<Q, A> action, StreamHandler.Simple<Q, A> handler) {
        return onStream(action, (question, out, exchange) -> handler.handle(question, out));
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
     * @throws IllegalArgumentException if the action already has a handler, or begins with {@code parley.},
     *     as the server's own do
     */
    public <Q, A extends @Nullable Object> ServerBuilder onUpload(Action<Q, A> action, UploadHandler<Q, A> handler) {
        return add(
                action,
                "upload",
                Route.ofStream((in, out, exchange) ->
                        Codecs.writeResult(action.answer(), handler.handle(TypedHandlers.in(action, in), exchange))));
    }

    /**
     * Adds a handler of an upload that does not need the exchange; see {@link #onUpload(Action, UploadHandler)}.
     *
     * @param <Q> the type of each value
     * @param <A> the answer's type
     * @param action the action
     * @param handler called when the first message has arrived
     * @return this builder
     * @throws IllegalArgumentException as for {@link #onUpload(Action, UploadHandler)}
     */
    public <Q, A extends @Nullable Object> ServerBuilder onUpload(
            Action<Q, A> action, UploadHandler.Simple<Q, A> handler) {
        return onUpload(action, (in, exchange) -> handler.handle(in));
    }

    /**
     * Adds a handler that responds to a stream of values with a stream of values; it runs on a virtual thread of
     * its own, so it may block.
     *
     * @param <Q> the type of the values to receive
     * @param <A> the type of the values to send
     * @param action the action; values whose content does not fit the question's type are refused
     * @param handler called when the client opens the stream, and may send first; the stream ends when it returns
     * @return this builder
     * @throws IllegalArgumentException if the action already has a handler, or begins with {@code parley.},
     *     as the server's own do
     */
    public <Q, A> ServerBuilder onDuplex(Action<Q, A> action, DuplexHandler<Q, A> handler) {
        return add(action, "duplex", TypedHandlers.duplex(action, handler));
    }

    /**
     * Adds a handler of a stream in both directions that does not need the exchange; see {@link #onDuplex(Action,
     * DuplexHandler)}.
     *
     * @param <Q> the type of the values to receive
     * @param <A> the type of the values to send
     * @param action the action
     * @param handler called when the client opens the stream
     * @return this builder
     * @throws IllegalArgumentException as for {@link #onDuplex(Action, DuplexHandler)}
     */
    public <Q, A> ServerBuilder onDuplex(Action<Q, A> action, DuplexHandler.Simple<Q, A> handler) {
        return onDuplex(action, (in, out, exchange) -> handler.handle(in, out));
    }

    /**
     * Adds a handler that runs on the connection's loop. This is the fastest way, but the handler must never block.
     * If the content of a question is longer than {@link MessageLimits#onLoopBytesMax}, another thread creates the
     * value from it. The answer is always written on the loop, since the answer may refer to objects that only the
     * loop may read. For answers of megabytes, use {@link #on(Action, Handler)}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action; a request whose content does not fit its question's type is refused
     * @param handler the handler; while it runs, every connection of the loop waits. Its exchange is valid only
     *     until it returns
     * @return this builder
     * @throws IllegalArgumentException if the action already has a handler, or begins with {@code parley.},
     *     as the server's own do
     */
    public <Q extends @Nullable Object, A extends @Nullable Object> ServerBuilder onLoop(
            Action<Q, A> action, Handler<Q, A> handler) {
        Codec<Q> question = action.question();
        return add(
                action,
                "call",
                new Route(TypedHandlers.typed(action, handler), true)
                        .binding(Codecs.isRaw(question) ? null : question));
    }

    /**
     * Adds a handler on the loop that needs only the question; see {@link #onLoop(Action, Handler)}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action
     * @param handler the handler; while it runs, every connection of the loop waits
     * @return this builder
     * @throws IllegalArgumentException as for {@link #onLoop(Action, Handler)}
     */
    public <Q extends @Nullable Object, A extends @Nullable Object> ServerBuilder onLoop(
            Action<Q, A> action, Handler.Simple<Q, A> handler) {
        return onLoop(action, TypedHandlers.full(handler));
    }

    /**
     * Adds a raw handler that runs on the connection's loop, and so must never block. So that nothing is allocated
     * for the request, the request is lent: it is only valid until the handler returns. To keep it longer, use
     * {@link Message#kept}.
     *
     * @param action the name of the action
     * @param handler the handler; while it runs, every connection of the loop waits; it may return the same message
     *     for every request. Its exchange is valid only until it returns
     * @return this builder
     * @throws IllegalArgumentException if the name is not valid, already has a handler, or begins with {@code
     *     parley.}, as the server's own do
     */
    public ServerBuilder onLoop(String action, Handler<Message, Message> handler) {
        handlers.addRaw(action, new Route(handler, true));
        return this;
    }

    /**
     * Adds a raw handler on the loop that needs only the request; see {@link #onLoop(String, Handler)}.
     *
     * @param action the name of the action
     * @param handler the handler; while it runs, every connection of the loop waits
     * @return this builder
     * @throws IllegalArgumentException as for {@link #onLoop(String, Handler)}
     */
    public ServerBuilder onLoop(String action, Handler.Simple<Message, Message> handler) {
        return onLoop(action, TypedHandlers.full(handler));
    }

    /**
     * Adds a handler on the loop that answers a question with a stream of values, without a thread. The handler returns
     * a publisher. Its values are requested a few at a time, as the client reads them, and the stream ends with it: an
     * error of the publisher is sent like the exception of a handler. If the client gives up, the subscription is
     * cancelled. A filter of the server sees only the beginning of such a stream; see {@link Filter.Chain#whenOver}.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action; a request whose content does not fit its question's type is refused
     * @param handler called with the question; it must not block; the publisher may be used on any thread
     * @return this builder
     * @throws IllegalArgumentException if the action already has a handler, or begins with {@code parley.}, as the
     *     server's own do
     */
    public <Q extends @Nullable Object, A> ServerBuilder onLoopStream(
            Action<Q, A> action, Handler<Q, Flow.Publisher<A>> handler) {
        Codec<Q> question = action.question();
        Route route = Route.ofLoopStream((in, out, exchange) -> {
            Message first = in.poll();
            Q asked = first == null ? Codecs.ofEnd(question, TypedHandlers::noQuestion) : first.to(question);
            LoopStreams.answer(action.answer(), out, (LoopStream) exchange, handler.handle(asked, exchange));
            return null;
        });
        return add(action, "stream", route.binding(Codecs.isRaw(question) ? null : question));
    }

    /**
     * Adds a handler of a stream on the loop that does not need the exchange; see {@link #onLoopStream(Action,
     * Handler)}.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action
     * @param handler called with the question; it must not block
     * @return this builder
     * @throws IllegalArgumentException as for {@link #onLoopStream(Action, Handler)}
     */
    public <Q extends @Nullable Object, A> ServerBuilder onLoopStream(
            Action<Q, A> action, Handler.Simple<Q, Flow.Publisher<A>> handler) {
        return onLoopStream(action, (question, exchange) -> handler.handle(question));
    }

    /**
     * Adds a handler on the loop that answers a stream of values with one value, without a thread. A filter of the
     * server does not see the answer; see {@link Filter}.
     *
     * @param <Q> the type of each value
     * @param <A> the answer's type
     * @param action the action; values whose content does not fit the question's type are refused
     * @param handler called when the client opens the stream; it must not block. It gets a publisher of the values,
     *     for one subscriber, which is called on the loop; the client is held back as long as nothing is requested
     * @return this builder
     * @throws IllegalArgumentException if the action already has a handler, or begins with {@code parley.}, as the
     *     server's own do
     */
    public <Q, A extends @Nullable Object> ServerBuilder onLoopUpload(
            Action<Q, A> action, Handler<Flow.Publisher<Q>, CompletionStage<A>> handler) {
        return add(action, "upload", Route.ofLoopStream((in, out, exchange) -> {
            var stream = (LoopStream) exchange;
            LoopStreams.answer(
                    action.answer(),
                    stream,
                    handler.handle(LoopStreams.values(action.question(), in, stream), exchange));
            return null;
        }));
    }

    /**
     * Adds a handler of an upload on the loop that does not need the exchange; see {@link #onLoopUpload(Action,
     * Handler)}.
     *
     * @param <Q> the type of each value
     * @param <A> the answer's type
     * @param action the action
     * @param handler called when the client opens the stream; it must not block
     * @return this builder
     * @throws IllegalArgumentException as for {@link #onLoopUpload(Action, Handler)}
     */
    public <Q, A extends @Nullable Object> ServerBuilder onLoopUpload(
            Action<Q, A> action, Handler.Simple<Flow.Publisher<Q>, CompletionStage<A>> handler) {
        return onLoopUpload(action, (values, exchange) -> handler.handle(values));
    }

    /**
     * Adds a handler on the loop that answers a stream of values with a stream of values, without a thread.
     *
     * @param <Q> the type of the values to receive
     * @param <A> the type of the values to send
     * @param action the action; values whose content does not fit the question's type are refused
     * @param handler called when the client opens the stream; it must not block; see {@link #onLoopUpload(Action,
     *     Handler)} for the values that it gets, and {@link #onLoopStream(Action, Handler)} for those that it returns
     * @return this builder
     * @throws IllegalArgumentException if the action already has a handler, or begins with {@code parley.}, as the
     *     server's own do
     */
    public <Q, A> ServerBuilder onLoopDuplex(
            Action<Q, A> action, Handler<Flow.Publisher<Q>, Flow.Publisher<A>> handler) {
        return add(action, "duplex", Route.ofLoopStream((in, out, exchange) -> {
            var stream = (LoopStream) exchange;
            LoopStreams.answer(
                    action.answer(),
                    out,
                    stream,
                    handler.handle(LoopStreams.values(action.question(), in, stream), exchange));
            return null;
        }));
    }

    /**
     * Adds a handler of a stream in both directions on the loop that does not need the exchange; see {@link
     * #onLoopDuplex(Action, Handler)}.
     *
     * @param <Q> the type of the values to receive
     * @param <A> the type of the values to send
     * @param action the action
     * @param handler called when the client opens the stream; it must not block
     * @return this builder
     * @throws IllegalArgumentException as for {@link #onLoopDuplex(Action, Handler)}
     */
    public <Q, A> ServerBuilder onLoopDuplex(
            Action<Q, A> action, Handler.Simple<Flow.Publisher<Q>, Flow.Publisher<A>> handler) {
        return onLoopDuplex(action, (values, exchange) -> handler.handle(values));
    }

    /**
     * Adds a default handler for all requests that have no other handler, including requests without an action. The
     * default handler runs on virtual threads. It takes one message and returns one: an upload or a duplex without a
     * handler of its own is refused with {@code bad-field}, and a stream gets one value, the response. Without a
     * default handler, all of them get {@code unknown-action}.
     *
     * @param handler called with the request as it arrived, and the exchange
     * @return this builder
     * @throws IllegalArgumentException if there already is a default handler
     */
    public ServerBuilder otherwise(Handler<Message, Message> handler) {
        return otherwise(new Route(handler, false));
    }

    /**
     * Adds a default handler that needs only the request; see {@link #otherwise(Handler)}.
     *
     * @param handler called with the request as it arrived
     * @return this builder
     * @throws IllegalArgumentException if there already is a default handler
     */
    public ServerBuilder otherwise(Handler.Simple<Message, Message> handler) {
        return otherwise(TypedHandlers.full(handler));
    }

    /**
     * Adds a default handler that runs on the connection's loop, and so must never block; see {@link
     * #otherwise(Handler)}.
     *
     * @param handler the handler; while it runs, every connection of the loop waits
     * @return this builder
     * @throws IllegalArgumentException if there already is a default handler
     */
    public ServerBuilder otherwiseOnLoop(Handler<Message, Message> handler) {
        return otherwise(new Route(handler, true));
    }

    /**
     * Adds a default handler on the loop that needs only the request; see {@link #otherwiseOnLoop(Handler)}.
     *
     * @param handler the handler; while it runs, every connection of the loop waits
     * @return this builder
     * @throws IllegalArgumentException if there already is a default handler
     */
    public ServerBuilder otherwiseOnLoop(Handler.Simple<Message, Message> handler) {
        return otherwiseOnLoop(TypedHandlers.full(handler));
    }

    private ServerBuilder otherwise(Route route) {
        handlers.otherwise(route);
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
    public ServerBuilder interrupts(boolean interrupted) {
        handlers.interrupts(interrupted);
        return this;
    }

    /**
     * Sets whether the handler of one action is interrupted, whatever the setting for the other handlers is; see
     * {@link #interrupts(boolean)}.
     *
     * @param action the name of an action, which must have a handler when the server listens
     * @param interrupted true to interrupt the handler
     * @return this builder
     */
    public ServerBuilder interrupts(String action, boolean interrupted) {
        handlers.interrupts(action, interrupted);
        return this;
    }

    private ServerBuilder add(Action<?, ?> action, String kind, Route route) {
        handlers.add(action, kind, route);
        return this;
    }

    /**
     * Adds a filter, a function around every handler, including the handlers that were added before. The filter
     * that was added first is the outermost.
     *
     * @param filter the filter, which runs on the same thread as the handler
     * @return this builder
     */
    public ServerBuilder filter(Filter filter) {
        handlers.filter(filter);
        return this;
    }

    // Settings.

    /**
     * Sets the message limits. The default is {@link MessageLimits#DEFAULT}.
     *
     * @param value never null
     * @return this builder
     */
    public ServerBuilder limits(MessageLimits value) {
        limits = value;
        return this;
    }

    /**
     * Sets whether to close each connection after its first response, as the tutorial's server does; by default the
     * connection stays open. The response of a stream ends with its last message.
     *
     * @param value true to close connections like the tutorial's server
     * @return this builder
     */
    public ServerBuilder closeAfterResponse(boolean value) {
        closeAfterResponse = value;
        return this;
    }

    /**
     * Sets the number of the server's own loops, which share the connections. With a {@code mem:} address there can
     * only be one loop.
     *
     * @param count 1 (the default) to {@link Server#LOOPS_MAX}; with more than 1, {@link #listen(EventLoop, Address,
     *     Address...)} throws
     * @return this builder
     * @throws IllegalArgumentException if the count is out of that range
     */
    public ServerBuilder loops(int count) {
        if (count < 1 || count > Server.LOOPS_MAX) {
            throw new IllegalArgumentException("loops is " + count + "; it must be from 1 to " + Server.LOOPS_MAX);
        }
        loopCount = count;
        return this;
    }

    /**
     * Sets the settings of the server's own loops.
     *
     * @param value the loop's settings, which are copied now. If this builder has an {@link #observer}, it counts
     *     instead of theirs. For a {@code mem:} address, the transport is the shared network. {@link #listen(EventLoop,
     *     Address, Address...)} needs no such settings, and throws; but with a {@link #cluster}, the further loop for
     *     the requests of other nodes has them
     * @return this builder
     */
    public ServerBuilder loop(EventLoop.Builder value) {
        loopSettings = value.copy();
        return this;
    }

    /**
     * Sets the observer of events. The default is the observer of the loop's settings, which is by default {@link
     * LoopObserver#logging()}. If a loop is passed to {@code listen}, the loop's own observer gets the events of
     * connections, and this observer only gets the failures of handlers.
     *
     * @param value never null
     * @return this builder
     */
    public ServerBuilder observer(LoopObserver value) {
        observer = value;
        return this;
    }

    /**
     * Sets the observer of requests, for an access log or for measurements; {@link RequestObserver#logging()} writes a
     * line for each request. By default there is none, and requests are not measured.
     *
     * @param value never null
     * @return this builder
     */
    public ServerBuilder requestObserver(RequestObserver value) {
        requestObserver = Objects.requireNonNull(value);
        return this;
    }

    /**
     * Sets the factory of the handlers' threads. Each request or stream has a thread of its own, which the server
     * names. The default is a factory of virtual threads.
     *
     * @param value a factory of threads that are cheap, and that any thread may start
     * @return this builder
     */
    public ServerBuilder threads(ThreadFactory value) {
        threads = value;
        return this;
    }

    /**
     * Adds keys of the header that pass from a request to the calls, streams and one-way requests that its handler
     * makes, in addition to {@code traceparent} and {@code tracestate}, which pass unchanged if the request has them.
     * Each server on the way must name the keys. A key that the call sets, or its client for all calls, is not
     * replaced; a call that is {@link CallOptions#detached} gets none of them.
     *
     * @param keys keys of an application, such as {@code x-tenant}; {@code authorization} hands the caller's
     *     credentials to the servers that the handlers call
     * @return this builder
     * @throws IllegalArgumentException if the protocol sets a key itself, or does not allow it
     */
    public ServerBuilder passOn(String... keys) {
        for (String key : keys) {
            CallOptions.checkKey("passOn()", key);
            if (key.equals(Header.IDEMPOTENCY_KEY)) {
                throw new IllegalArgumentException(
                        "'" + key + "' is not for passOn(): two calls of a handler would have"
                                + " the same key, and the second would count as a repetition of the first");
            }
            var _ = StreamMessages.mark().with(key, ""); // throws if a message may not have the key
            passedOn.add(key);
        }
        return this;
    }

    /**
     * Sets who may use this server. Until a connection has made a request that the authorizer accepts, the server
     * restricts it: the connection may have one request at a time and few bytes of responses, and is closed if no
     * request was accepted within {@link MessageLimits#headerTimeout} after it was opened. At most a quarter of
     * {@link dev.parley.net.Limits#connectionsMax} connections may be in this state. The server does not even
     * reveal the names of its actions to them (docs/operations.md, Credentials).
     *
     * <p>A request without the key {@code authorization} is accepted if one was accepted on its connection before.
     *
     * @param value decides about each request, before all filters, whatever the kind of the request
     * @return this builder
     */
    public ServerBuilder authorization(Authorizer value) {
        authorizer = value;
        return this;
    }

    /**
     * Sets the settings of TLS for {@code tls://} addresses: above all, the server's certificate. By default, these are
     * the settings of the loop, see {@link EventLoop.Builder#tls}.
     *
     * @param value settings with a certificate
     * @return this builder
     */
    public ServerBuilder tls(Tls value) {
        tls = value;
        return this;
    }

    /**
     * Sets whether the server answers {@code GET /health} of HTTP on its own port too, for load balancers and container
     * platforms that cannot check otherwise: status 200 while it serves, 503 once it is about to stop (see {@link
     * Server#drain(Duration, Duration)}). Every other request of HTTP gets an error page. Any client may ask, without
     * credentials. The default is false. The action {@code parley.health} of the protocol tells the same always.
     *
     * @param value whether to answer
     * @return this builder
     */
    public ServerBuilder httpHealth(boolean value) {
        httpHealth = value;
        return this;
    }

    /**
     * Lets this server join a cluster: it offers its actions to the other nodes, and passes on requests for actions
     * that it does not have, whatever their kind. A server with a default handler ({@link #otherwise}) passes on
     * nothing. A server that passes on everything needs no handler.
     *
     * <p>The requests of other nodes come on a further loop. So a handler of {@code onLoop} runs on that loop too, at
     * the same time as on the others. {@link #onConnected} and {@link #onDisconnected} are not called for other nodes.
     *
     * @param value the cluster, which the caller closes after the server
     * @return this builder
     */
    public ServerBuilder cluster(Cluster value) {
        cluster = value;
        return this;
    }

    /**
     * Sets whether this server serves only while the broker of its cluster is connected. If it is true and the broker
     * is away, the action {@code parley.health} responds {@code {"status": "isolated"}}, {@code GET /health} responds
     * with status 503, and {@link Server#isServing} returns false, so that a load balancer sends new connections to
     * other servers; what comes here nevertheless is still handled. This is for a server that passes on most of its
     * requests. The default is false, since a server goes on with what it handles itself: if it is true and the broker
     * of all servers is away, the load balancer takes out each of them. It has no effect without a cluster, or with one
     * inside this process.
     *
     * @param value whether to look at the cluster
     * @return this builder
     */
    public ServerBuilder healthNeedsCluster(boolean value) {
        healthNeedsCluster = value;
        return this;
    }

    /**
     * Adds a function that is called when a client has connected, before its first request. It may put something
     * into {@link ConnectionInfo#attributes}, which lives as long as the connection.
     *
     * @param hook the function, which is called on the connection's loop, so it must not block; if it throws an
     *     exception, the exception is logged
     * @return this builder
     */
    public ServerBuilder onConnected(Consumer<ConnectionInfo> hook) {
        connected.add(hook);
        return this;
    }

    /**
     * Adds a function that is called when the connection of a client has ended, for whatever reason. Handlers of
     * the connection may still run.
     *
     * @param hook the function, which is called on the connection's loop, so it must not block; if it throws an
     *     exception, the exception is logged
     * @return this builder
     */
    public ServerBuilder onDisconnected(Consumer<ConnectionInfo> hook) {
        disconnected.add(hook);
        return this;
    }

    /**
     * Listens on one or several addresses; see {@link #listen(Address, Address...)}.
     *
     * @param address an address such as {@code tcp://localhost:65432}
     * @param more further addresses
     * @return the listening server, which the caller must close
     * @throws BindFailedException if an address cannot be bound
     * @throws dev.parley.net.AddressException if a text is not an address
     * @throws IllegalStateException if there is no handler, or if {@link #interrupts(String, boolean)} names an action
     *     without one
     */
    public Server listen(String address, String... more) throws BindFailedException {
        return listen(
                Address.parse(address), Stream.of(more).map(Address::parse).toArray(Address[]::new));
    }

    /**
     * Starts the server's loops and listens. This method returns at once. With several addresses, such as a port
     * and a Unix socket, the server is still one: it drains and closes as a whole. The limit of connections applies
     * to each address.
     *
     * @param address the address to listen on; port 0, or an empty name, stands for a free port or name, which
     *     {@link Server#address} returns
     * @param more further addresses
     * @return the listening server, which the caller must close
     * @throws BindFailedException if an address cannot be bound; then none of them is
     * @throws dev.parley.net.AddressException if {@code mem:} addresses and others are mixed
     * @throws IllegalStateException if there is no handler, or if {@link #interrupts(String, boolean)} names an action
     *     without one
     * @throws UnsupportedOperationException if there are several loops and the address is a {@code mem:} address
     * @throws java.io.UncheckedIOException if the system gives a loop no selector
     */
    public Server listen(Address address, Address... more) throws BindFailedException {
        checkHandlers();
        EventLoop.Builder used = ofOwnLoops().copy();
        if (address instanceof Address.Mem) {
            used.transport(MemNetwork.shared());
        }
        if (observer != null) {
            used.observer(observer);
        }
        var loops = new ArrayList<EventLoop>();
        try {
            loops.addAll(EventLoopGroup.start(used, loopCount).loops());
            return listen(loops, true, all(address, more));
        } catch (BindFailedException | RuntimeException e) {
            loops.forEach(EventLoop::close);
            throw e;
        }
    }

    /**
     * Listens on the caller's loop, which stays open after {@link Server#close}.
     *
     * @param loop a loop whose transport supports the addresses
     * @param address the address to listen on; port 0, or an empty name, stands for a free port or name, which
     *     {@link Server#address} returns
     * @param more further addresses
     * @return the listening server, which the caller must close
     * @throws BindFailedException if an address cannot be bound; then none of them is
     * @throws dev.parley.net.AddressException if the loop's transport does not support an address
     * @throws IllegalStateException if there is no handler, if {@link #interrupts(String, boolean)} names an action
     *     without one, if the loop is closed, or if this builder has settings for loops of the server's own: {@link
     *     #loops}, or {@link #loop} without a {@link #cluster}
     */
    public Server listen(EventLoop loop, Address address, Address... more) throws BindFailedException {
        if (loopCount > 1 || loopSettings != null && cluster == null) {
            throw new IllegalStateException(
                    "loops(…) and loop(…) are about the server's own loops; listen(loop, …) uses the loop that is given");
        }
        checkHandlers();
        return listen(List.of(loop), false, all(address, more));
    }

    private static List<Address> all(Address first, Address... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toList();
    }

    private EventLoop.Builder ofOwnLoops() {
        return loopSettings == null ? EventLoop.builder() : loopSettings;
    }

    private void checkHandlers() {
        handlers.checkInterrupts();
        if (handlers.isEmpty() && cluster == null) {
            throw new IllegalStateException("a server needs a handler: on(action, …) or otherwise(…)");
        }
    }

    MessageLimits limits() {
        return limits;
    }

    private ServerSettings settings(EventLoop loop, @Nullable Authorization authorization, ServerCounters counters) {
        var health = new Health(healthNeedsCluster ? cluster : null);
        LoopObserver guarded = observer == null ? loop.observer() : LoopObserver.guarded(observer);
        return new ServerSettings(
                handlers.router(authorization, health, cluster == null ? null : new ClusterForwarder(cluster.bus())),
                limits,
                closeAfterResponse,
                guarded,
                new FailureLog(guarded),
                threads,
                counters,
                authorization == null ? null : authorization.unauthenticated(),
                new ConnectionHooks(List.copyOf(connected), List.copyOf(disconnected), guarded),
                List.copyOf(passedOn),
                requestObserver,
                health,
                httpHealth,
                limitsAbuse);
    }

    private Server listen(List<EventLoop> loops, boolean ownsLoops, List<Address> addresses)
            throws BindFailedException {
        Authorization authorization = authorizer == null ? null : new Authorization(authorizer);
        ServerCounters counters = countersOfOuter == null ? new ServerCounters() : countersOfOuter;
        ServerSettings settings = settings(loops.getFirst(), authorization, counters);
        List<Sessions> sessions =
                loops.stream().map(loop -> new Sessions(loop, settings)).toList();
        var listeners = new ArrayList<LoopListener>();
        try {
            for (Address address : addresses) {
                var acceptor = new SessionAcceptor(settings, sessions.getFirst());
                Tls ofListener = MessageTls.ofListener(address, loops.getFirst(), tls, httpHealth);
                LoopListener first = loops.getFirst().listen(address, ofListener, connection -> acceptor);
                listeners.add(first);
                for (int i = 1; i < loops.size(); i++) {
                    var each = new SessionAcceptor(settings, sessions.get(i));
                    listeners.add(loops.get(i).listenWith(first, connection -> each));
                }
            }
        } catch (BindFailedException | RuntimeException e) {
            listeners.reversed().forEach(LoopListener::close);
            throw e;
        }
        Server server = new Server(loops, ownsLoops, listeners, sessions, settings, authorization);
        if (cluster != null && !handlers.offered().isEmpty()) {
            ClusterNode.join(
                    server, cluster.bus(), ofNode(counters), ofOwnLoops(), handlers.offered(), authorizer != null);
        }
        return server;
    }

    /** Returns the settings of the server inside a node, which has the same handlers, and passes on nothing. */
    private ServerBuilder ofNode(ServerCounters counters) {
        var inside = new ServerBuilder(handlers);
        inside.countersOfOuter = counters;
        inside.limits = ClusterNode.limits(limits);
        inside.limitsAbuse = false;
        inside.observer = observer;
        inside.requestObserver = requestObserver;
        inside.passedOn.addAll(passedOn);
        inside.threads = threads;
        return inside;
    }
}
