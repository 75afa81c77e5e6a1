package dev.parley;

import dev.parley.client.CallDispatcher;
import dev.parley.client.ClientStream;
import dev.parley.frame.Header;
import dev.parley.link.CurrentExchange;
import dev.parley.link.InboundFlow;
import dev.parley.link.OutboundFlow;
import dev.parley.link.StreamMessages;
import dev.parley.link.TypedDuplex;
import dev.parley.link.TypedIn;
import dev.parley.link.TypedOut;
import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client that exchanges messages: it has one connection, or a few, and makes any number of calls at once. Any thread
 * may use it. It lives as long as its program: if a connection is lost, the calls that were sent on it fail, and
 * another connection is made.
 *
 * {@snippet :
 * record Search(String value) {}
 * record Answer(String result) {}
 * Action<Search, Answer> search = Action.of("search", Search.class, Answer.class);
 *
 * try (var client = Client.connect("tcp://localhost:65432")) {
 *     System.out.println(client.call(search, new Search("morpheus")).result());
 *     client.callAsync(search, new Search("ring")).thenAccept(answer -> System.out.println(answer.result()));
 * }
 * }
 *
 * <p>Every call has a deadline. The blocking methods return the answer or throw; the others return a stage that
 * completes on the client's loop, so functions that follow it must not block. At most {@link MessageLimits#inFlightMax}
 * calls are under way at once on a connection, and up to 10,000 further calls wait.
 *
 * <p>All clients of a process share one loop, and so one thread, if they do not choose another ({@link
 * ClientBuilder#loop}). A client itself costs one connection, and about 10 KiB of memory.
 *
 * <p>A call that is made on the thread of a handler belongs to the request that it handles: it ends with the time that
 * is left for the request, it is cancelled with the request, and the key {@code traceparent} passes to it; see {@link
 * CallOptions#detached}. A call also belongs to that request if it is made in a function that follows the stage of such
 * a call, for example with {@code thenCompose}, or by the subscriber of such a stream. On another thread, use {@link
 * Exchange#run}.
 */
public final class Client implements AutoCloseable {
    /** The names of the classes of this library, and of the JDK. */
    private static final Pattern NOT_OF_USERS =
            Pattern.compile("dev\\.parley\\.(\\p{Upper}|(client|frame|json|link|net|uring)\\.).*|(java|jdk)\\..*");

    /** The time that a call waits for its answer by default. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final CallDispatcher core;
    private final CallOptions defaults;
    private final Supplier<@Nullable String> credentials;

    Client(CallDispatcher core, CallOptions defaults, Supplier<@Nullable String> credentials) {
        this.core = core;
        this.defaults = defaults;
        this.credentials = credentials;
    }

    // Making a client.

    /**
     * Connects to the server at this address; see {@link #connect(Address)}.
     *
     * @param address an address such as {@code tcp://localhost:65432}
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws dev.parley.net.AddressException if the text is not an address, or not one that can be connected to
     * @throws IOException if the server does not accept this client, or does not say who it is; see {@link
     *     ClientBuilder#connect}
     */
    public static Client connect(String address) throws IOException {
        return builder(address).connect();
    }

    /**
     * Connects to a server, with default settings. Servers of the tutorial are recognised, and get requests in the form
     * in which the tutorial's client sends them; see docs/protocol.md, section 8. For other settings, such as several
     * servers or a client that waits for its server, see {@link #builder(Address...)}.
     *
     * @param address any address except {@code *} and port 0
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws dev.parley.net.AddressException if the address cannot be connected to
     * @throws java.io.UncheckedIOException if the system gives the shared loop no selector
     * @throws IOException if the server does not accept this client, or does not say who it is; see {@link
     *     ClientBuilder#connect}
     */
    public static Client connect(Address address) throws IOException {
        return builder(address).connect();
    }

    /**
     * {@return a builder for a client of one or several servers; see {@link ClientBuilder}}
     *
     * @param addresses at least one address, such as {@code tcp://localhost:65432}, of servers that give the same
     *     answers
     * @throws dev.parley.net.AddressException if a text is not an address
     * @throws IllegalArgumentException if there is no address
     */
    public static ClientBuilder builder(String... addresses) {
        return new ClientBuilder(Stream.of(addresses).map(Address::parse).toList());
    }

    /**
     * {@return a builder for a client of one or several servers; see {@link ClientBuilder}}
     *
     * @param addresses at least one address, of servers that give the same answers
     * @throws IllegalArgumentException if there is no address
     */
    public static ClientBuilder builder(Address... addresses) {
        return new ClientBuilder(List.of(addresses));
    }

    // Calls with values.

    /**
     * Sends a question and waits for the answer, for at most {@link #DEFAULT_TIMEOUT}; see {@link #call(Action, Object,
     * CallOptions)}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action to call
     * @param question the question; null only if the action's question has no content
     * @return the answer, never null, except if the action's answer has no content
     * @throws IOException if the call fails; see {@link #call(Action, Object, CallOptions)}
     */
    public <Q extends @Nullable Object, A extends @Nullable Object> A call(Action<Q, A> action, Q question)
            throws IOException {
        return call(action, question, CallOptions.DEFAULT);
    }

    /**
     * Sends a question and waits for the answer. Any thread except that of a loop may call it.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action to call
     * @param question the question; null only if the action's question has no content
     * @param options the time limit, headers, and other options of this call
     * @return the answer, never null, except if the action's answer has no content
     * @throws RefusedException if the server responds with an error; also, with {@code busy}, if 10,000 calls are
     *     already waiting
     * @throws TimedOutException if there is no answer in time
     * @throws ConnectionLostException if the connection ends before the answer
     * @throws ClientClosedException if this client or its loop is closed
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws ExchangeEndedException if a handler makes the call, and the client of the handler no longer waits
     * @throws InterruptedIOException if the caller was interrupted; its flag stays set, and the server is notified
     * @throws ContentException if the answer does not fit its type
     * @throws IllegalArgumentException if the question cannot be written
     * @throws IllegalStateException if it is called on the thread of a loop; the thread might wait for itself. Also if
     *     the action's {@link Codec} returns null, or reads a type of which no value can be made
     * @throws IOException only as one of the exceptions above
     */
    public <Q extends @Nullable Object, A extends @Nullable Object> A call(
            Action<Q, A> action, Q question, CallOptions options) throws IOException {
        CallDispatcher.checkMayBlock();
        return answer(action, get(ask(action, question, options), core.address()));
    }

    /**
     * Sends a question without waiting for the answer, with {@link #DEFAULT_TIMEOUT}; see {@link #callAsync(Action,
     * Object, CallOptions)}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action to call
     * @param question the question; null only if the action's question has no content
     * @return a stage that completes on the client's loop, so functions that follow it must not block
     * @throws IllegalArgumentException if the question cannot be written
     */
    public <Q extends @Nullable Object, A extends @Nullable Object> CompletionStage<A> callAsync(
            Action<Q, A> action, Q question) {
        return callAsync(action, question, CallOptions.DEFAULT);
    }

    /**
     * Sends a question without waiting for the answer. The returned stage completes with the result of {@link
     * #call(Action, Object, CallOptions)}. If that method would throw an exception, the exception is the cause of a
     * {@link java.util.concurrent.CompletionException}. Any thread may call this method, including the loop's own. The
     * calls of one thread are sent in their order.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action to call
     * @param question the question; null only if the action's question has no content
     * @param options the time limit, headers, and other options of this call
     * @return a stage that completes on the client's loop, so functions that follow it must not block
     * @throws IllegalArgumentException if the question cannot be written
     */
    public <Q extends @Nullable Object, A extends @Nullable Object> CompletionStage<A> callAsync(
            Action<Q, A> action, Q question, CallOptions options) {
        return ask(action, question, options).thenApply(answer -> answer(action, answer));
    }

    private <Q extends @Nullable Object> CompletableFuture<Message> ask(
            Action<Q, ?> action, Q question, CallOptions options) {
        return start(action.name(), Codecs.write(action.question(), question), options);
    }

    private <A extends @Nullable Object> A answer(Action<?, A> action, Message answer) {
        try {
            return answer.to(action.answer());
        } catch (ContentException e) {
            throw e.ofAnswer(core.address().toString(), action.name(), String.valueOf(action.answer()));
        } catch (IllegalStateException notRead) {
            throw new IllegalStateException(
                    core.address() + " answered '" + action.name() + "', but this program cannot read the answer: "
                            + notRead.getMessage(),
                    notRead);
        }
    }

    // Calls with messages.

    /**
     * Sends a request that already contains its action, or has no action, and waits for at most {@link
     * #DEFAULT_TIMEOUT}.
     *
     * @param request the request; if its content is JSON, a member of it may be the action, as in the tutorial
     * @return the response, which is not an error
     * @throws IOException if the call fails; see {@link #call(Action, Object, CallOptions)}
     */
    public Message call(Message request) throws IOException {
        return call(request, CallOptions.DEFAULT);
    }

    /**
     * Sends a request that already contains its action, or has no action, and waits for the response.
     *
     * @param request the request; if its content is JSON, a member of it may be the action, as in the tutorial
     * @param options the time limit, headers, and other options of this call
     * @return the response, which is not an error
     * @throws IllegalArgumentException if the request's header is longer than 65,535 bytes
     * @throws IOException if the call fails; see {@link #call(Action, Object, CallOptions)}
     */
    public Message call(Message request, CallOptions options) throws IOException {
        CallDispatcher.checkMayBlock();
        return get(start(null, request, options), core.address());
    }

    /**
     * Sends a request to a handler, and waits for at most {@link #DEFAULT_TIMEOUT}.
     *
     * @param action the name of the action
     * @param request a request with any content
     * @return the response, which is not an error
     * @throws IllegalArgumentException if the name of the action is not valid
     * @throws IOException if the call fails; see {@link #call(Action, Object, CallOptions)}
     */
    public Message call(String action, Message request) throws IOException {
        return call(action, request, CallOptions.DEFAULT);
    }

    /**
     * Sends a request to a handler, and waits for the response; see {@link #call(Action, Object, CallOptions)}.
     *
     * @param action the name of the action
     * @param request a request with any content; for a server of the tutorial, a JSON object
     * @param options the time limit, headers, and other options of this call
     * @return the response, which is not an error
     * @throws IllegalArgumentException if the name of the action is not valid, or the request's header is longer than
     *     65,535 bytes
     * @throws IOException if the call fails; see {@link #call(Action, Object, CallOptions)}
     */
    public Message call(String action, Message request, CallOptions options) throws IOException {
        CallDispatcher.checkMayBlock();
        return get(start(action, request, options), core.address());
    }

    /**
     * Sends a request that already contains its action, or has no action, without waiting for the response. The
     * returned stage completes on the client's loop.
     *
     * @param request the request; if its content is JSON, a member of it may be the action, as in the tutorial
     * @param options the time limit, headers, and other options of this call
     * @return a stage that completes with the result of {@link #call(Message, CallOptions)}; functions that follow it
     *     must not block
     */
    public CompletionStage<Message> callAsync(Message request, CallOptions options) {
        return start(null, request, options);
    }

    /**
     * Sends a request to a handler without waiting for the response. The returned stage completes on the client's loop.
     *
     * @param action the name of the action
     * @param request a request with any content
     * @param options the time limit, headers, and other options of this call
     * @return a stage that completes with the result of {@link #call(String, Message, CallOptions)}; functions that
     *     follow it must not block
     * @throws IllegalArgumentException if the name of the action is not valid
     */
    public CompletionStage<Message> callAsync(String action, Message request, CallOptions options) {
        return start(action, request, options);
    }

    private CompletableFuture<Message> start(@Nullable String action, Message request, CallOptions options) {
        CallOptions all = options.orElse(defaults);
        var context = CallContext.of(all, credentials.get());
        CompletableFuture<Message> response = core.call(context.setup(action, request, all, DEFAULT_TIMEOUT));
        Consumer<Header> reader = request.header().isOneWay() ? null : all.answerHeader();
        context.bind(response, () -> response.cancel(true));
        CompletableFuture<Message> following = context.within(response);
        return reader == null
                ? following
                : following.thenApply(message -> {
                    reader.accept(message.header());
                    return message;
                });
    }

    /** Returns the failure of a call whose handler's own client wants no answer any more. */
    static ExchangeEndedException notWanted() {
        return new ExchangeEndedException("the answer is no longer wanted by the client of this handler");
    }

    /** Waits for the result of a future that completes on the loop of a client of this address. */
    static <T> T get(CompletableFuture<T> future, Address address) throws IOException {
        try {
            return future.get();
        } catch (CancellationException notWanted) {
            throw notWanted();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (isMadeHere(cause)) {
                cause.fillInStackTrace(); // created on the loop; the caller needs the stack of this thread
            }
            if (cause instanceof IOException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IOException(cause);
        } catch (InterruptedException e) {
            future.cancel(true); // this notifies the server
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + address);
        }
    }

    /**
     * Returns true if the stack trace has nothing of the user's own code, since the library has created the exception
     * on a loop. Otherwise the trace shows where the user's code threw it, as in a filter.
     */
    private static boolean isMadeHere(Throwable failure) {
        return failure instanceof CallException
                || failure instanceof ConnectFailedException
                || failure instanceof ExchangeEndedException
                || Arrays.stream(failure.getStackTrace())
                        .allMatch(frame ->
                                NOT_OF_USERS.matcher(frame.getClassName()).matches());
    }

    // Streams.

    /**
     * Sends a question and receives a stream of answers, without a deadline; see {@link #stream(Action, Object,
     * CallOptions)}.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action to call
     * @param question the question; null only if the action's question has no content
     * @return the stream of answers, which the caller must close
     * @throws IllegalArgumentException if the question cannot be written
     */
    public <Q extends @Nullable Object, A> InStream<A> stream(Action<Q, A> action, Q question) {
        return stream(action, question, CallOptions.DEFAULT);
    }

    /**
     * Sends a question and receives a stream of answers. Returns at once; a failure is thrown when the answers are
     * received. Slow reading holds back only the server's handler of this stream.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action to call
     * @param question the question; null only if the action's question has no content
     * @param options the time limit of the whole stream, by default none; headers and other options
     * @return the stream of answers, which the caller must close
     * @throws IllegalArgumentException if the question cannot be written, or this is a plain client
     */
    public <Q extends @Nullable Object, A> InStream<A> stream(Action<Q, A> action, Q question, CallOptions options) {
        Message first = Codecs.write(action.question(), question);
        return in(action, open(action.name(), first, false, options));
    }

    /**
     * Opens a stream in both directions, without a deadline; see {@link #duplex(Action, CallOptions)}.
     *
     * @param <Q> the type of the values to send
     * @param <A> the type of the values to receive
     * @param action the action to call
     * @return the stream, which the caller must close
     */
    public <Q, A> Duplex<Q, A> duplex(Action<Q, A> action) {
        return duplex(action, CallOptions.DEFAULT);
    }

    /**
     * Opens a stream in both directions. Returns at once; a failure is thrown when something is sent or received. A
     * stream is not resumed: if its connection is lost, it fails with {@link ConnectionLostException}, and the caller
     * opens another one. With {@link CallOptions#withWaitForReady} and without a time limit, that one waits for a
     * server without end.
     *
     * @param <Q> the type of the values to send
     * @param <A> the type of the values to receive
     * @param action the action to call
     * @param options the time limit of the whole stream, by default none; headers and other options
     * @return the stream, which the caller must close
     * @throws IllegalArgumentException if this is a plain client
     */
    public <Q, A> Duplex<Q, A> duplex(Action<Q, A> action, CallOptions options) {
        ClientStream stream = open(action.name(), StreamMessages.mark(), true, options);
        var out = new TypedOut<Q>(stream.out(), value -> Codecs.write(action.question(), value), isDetached(options));
        return new TypedDuplex<>(in(action, stream), out, stream.out());
    }

    /**
     * Sends a question and receives a stream of answers without a thread, without a deadline; see {@link
     * #streamAsync(Action, Object, CallOptions)}.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action to call
     * @param question the question; null only if the action's question has no content
     * @return a publisher of the answers
     * @throws IllegalArgumentException if the question cannot be written
     */
    public <Q extends @Nullable Object, A> Flow.Publisher<A> streamAsync(Action<Q, A> action, Q question) {
        return streamAsync(action, question, CallOptions.DEFAULT);
    }

    /**
     * Sends a question and receives a stream of answers without a thread. Each subscriber of the returned publisher
     * opens a stream of its own. All of its methods are called on the client's loop, so they must not block. If the
     * loop is closed, they are called on the thread that subscribes, or that requests values which have arrived. The
     * server is held back as long as the subscriber requests nothing; about 64 KiB of answers may arrive before they
     * are requested. If the subscriber cancels, the server is notified. A failure goes to {@code onError}, after the
     * answers that have arrived: the exception itself, as {@link #stream(Action, Object, CallOptions)} throws it.
     *
     * <p>A stream belongs to the request of the handler that subscribes, not of the one that calls this method; so do
     * the calls that the subscriber's methods make.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action to call
     * @param question the question; null only if the action's question has no content
     * @param options the time limit of the whole stream, by default none; headers and other options
     * @return a publisher of the answers
     * @throws IllegalArgumentException if the question cannot be written
     */
    public <Q extends @Nullable Object, A> Flow.Publisher<A> streamAsync(
            Action<Q, A> action, Q question, CallOptions options) {
        Message first = Codecs.write(action.question(), question);
        return subscriber -> {
            Objects.requireNonNull(subscriber);
            ClientStream stream = open(action.name(), first, false, options);
            subscribe(stream, action, options, subscriber);
        };
    }

    /**
     * Opens a stream in both directions without a thread, without a deadline; see {@link #duplexAsync(Action,
     * java.util.concurrent.Flow.Publisher, CallOptions)}.
     *
     * @param <Q> the type of the values to send
     * @param <A> the type of the values to receive
     * @param action the action to call
     * @param values the values to send
     * @return a publisher of the values to receive
     */
    public <Q, A> Flow.Publisher<A> duplexAsync(Action<Q, A> action, Flow.Publisher<Q> values) {
        return duplexAsync(action, values, CallOptions.DEFAULT);
    }

    /**
     * Opens a stream in both directions without a thread. Each subscriber of the returned publisher opens a stream of
     * its own, as for {@link #streamAsync(Action, Object, CallOptions)}, and subscribes to the values. They are
     * requested a few at a time, as the server reads them. If their publisher fails, the stream is given up.
     *
     * @param <Q> the type of the values to send
     * @param <A> the type of the values to receive
     * @param action the action to call
     * @param values the values to send, which may come from any thread
     * @param options the time limit of the whole stream, by default none; headers and other options
     * @return a publisher of the values to receive
     */
    public <Q, A> Flow.Publisher<A> duplexAsync(Action<Q, A> action, Flow.Publisher<Q> values, CallOptions options) {
        return subscriber -> {
            Objects.requireNonNull(subscriber);
            ClientStream stream = open(action.name(), StreamMessages.mark(), true, options);
            var sending = new OutboundFlow<Q>(
                    core.loop(),
                    isDetached(options) ? null : CurrentExchange.passingOrNull(),
                    stream.out(),
                    value -> Codecs.write(action.question(), value),
                    stream::ended);
            var _ = stream.ended().whenComplete((end, failure) -> sending.cancel());
            subscribe(stream, action, options, subscriber);
            values.subscribe(sending);
        };
    }

    private boolean isDetached(CallOptions options) {
        return options.orElse(defaults).isDetached();
    }

    private <A> void subscribe(
            ClientStream stream, Action<?, A> action, CallOptions options, Flow.Subscriber<? super A> subscriber) {
        var owner = InboundFlow.Callbacks.givingUp(core.loop(), stream.cancel());
        Flow.Subscriber<? super A> within =
                CallContext.of(options.orElse(defaults), null).within(core.loop(), subscriber);
        InboundFlow.subscribe(core.loop(), stream.in(), message -> answer(action, message), owner, within);
    }

    /** Opens a stream of messages, whose first one is a mark if it only opens the stream. */
    ClientStream open(String action, Message first, boolean sendsMore, CallOptions options) {
        CallOptions all = options.orElse(defaults.withoutTimeout());
        var context = CallContext.of(all, credentials.get());
        ClientStream stream = core.open(context.setup(action, first, all, Duration.ZERO), sendsMore);
        Consumer<Header> reader = all.answerHeader();
        if (reader != null) {
            stream.in().readFirstHeader(reader);
        }
        context.bind(stream.ended(), stream.cancel());
        return stream;
    }

    private <A> TypedIn<A> in(Action<?, A> action, ClientStream stream) {
        return new TypedIn<>(stream.in(), message -> answer(action, message), stream.cancel());
    }

    /**
     * Sends content of any size, without a time limit; see {@link #upload(Action, InputStream, CallOptions)}.
     *
     * @param <A> the answer's type
     * @param action an action whose handler reads messages
     * @param content the content, which is read to its end and not closed
     * @return the answer, never null, except if the action's answer has no content
     * @throws IOException if the call fails, or if the content cannot be read
     */
    public <A extends @Nullable Object> A upload(Action<Message, A> action, InputStream content) throws IOException {
        return upload(action, content, CallOptions.DEFAULT);
    }

    /**
     * Sends content of any size as one stream of bytes, and waits for the answer. The content is sent in messages of
     * the type {@code application/octet-stream}, which the handler reads as {@code in.bytes()}. Only a few of them are
     * in memory at once.
     *
     * @param <A> the answer's type
     * @param action an action whose handler reads messages
     * @param content the content, which is read to its end and not closed
     * @param options the time limit of the whole upload, by default none; headers, which may say what is uploaded; and
     *     other options
     * @return the answer, never null, except if the action's answer has no content
     * @throws IOException if the call fails, see {@link #call(Action, Object, CallOptions)}; or if the content cannot
     *     be read
     * @throws IllegalArgumentException if this is a plain client
     */
    public <A extends @Nullable Object> A upload(Action<Message, A> action, InputStream content, CallOptions options)
            throws IOException {
        return upload(action, StreamMessages.mark(), all(content), options);
    }

    /**
     * Sends a value, which says what is uploaded, and then content of any size; see {@link #upload(Action, InputStream,
     * CallOptions)}. The handler takes the value by {@link InStream#receive}, and then reads {@link InStream#bytes}.
     *
     * {@snippet :
     * record Put(String name, long offsetBytes) {}
     * record Stored(long bytes) {}
     * Action<Put, Stored> put = Action.of("put", Put.class, Stored.class);
     * Server server = Server.builder()
     *         .onUpload(put, in -> {
     *             Put what = in.receive();
     *             System.out.println(what + " comes");
     *             return new Stored(in.bytes().transferTo(OutputStream.nullOutputStream()));
     *         })
     *         .listen("tcp://localhost:0");
     * var content = new ByteArrayInputStream(new byte[1_000]);
     * Stored stored = client.upload(put, new Put("zeros", 0), content, CallOptions.DEFAULT);
     * }
     *
     * @param <Q> the type of the value
     * @param <A> the answer's type
     * @param action the action to call
     * @param what the value that goes first
     * @param content the content, which is read to its end and not closed
     * @param options the time limit of the whole upload, by default none; headers and other options
     * @return the answer, never null, except if the action's answer has no content
     * @throws IOException if the call fails, see {@link #call(Action, Object, CallOptions)}; or if the content cannot
     *     be read
     * @throws IllegalArgumentException if the value cannot be written, or this is a plain client
     */
    public <Q, A extends @Nullable Object> A upload(
            Action<Q, A> action, Q what, InputStream content, CallOptions options) throws IOException {
        return upload(action, first(action, what), all(content), options);
    }

    private static Content all(InputStream content) {
        return out -> {
            // It is not closed if the content cannot be read, since that would send the rest of what was read.
            OutputStream bytes = out.bytes();
            content.transferTo(bytes);
            bytes.flush();
        };
    }

    /**
     * Sends a whole file, without a time limit; see {@link #upload(Action, Path, CallOptions)}.
     *
     * @param <A> the answer's type
     * @param action an action whose handler reads messages
     * @param file a readable file
     * @return the answer, never null, except if the action's answer has no content
     * @throws IOException if the call fails, or if the file cannot be opened
     */
    public <A extends @Nullable Object> A upload(Action<Message, A> action, Path file) throws IOException {
        return upload(action, file, CallOptions.DEFAULT);
    }

    /**
     * Sends a whole file to the server by {@link OutStream#sendFile}, and waits for the one answer.
     *
     * @param <A> the answer's type
     * @param action an action whose handler reads messages
     * @param file a readable file
     * @param options the time limit of the whole upload, by default none; headers, which may say what is uploaded; and
     *     other options
     * @return the answer, never null, except if the action's answer has no content
     * @throws IOException if the call fails, see {@link #call(Action, Object, CallOptions)}; or if the file cannot be
     *     opened
     * @throws IllegalArgumentException if this is a plain client
     */
    public <A extends @Nullable Object> A upload(Action<Message, A> action, Path file, CallOptions options)
            throws IOException {
        return upload(action, StreamMessages.mark(), out -> out.sendFile(file), options);
    }

    /**
     * Sends a value, which says what is uploaded, and then a file from an offset to its end. So an upload that was cut
     * off goes on where the server's part ends. The file is sent by {@link OutStream#sendFile(Path, long)}; the handler
     * is that of {@link #upload(Action, Object, InputStream, CallOptions)}.
     *
     * @param <Q> the type of the value
     * @param <A> the answer's type
     * @param action the action to call
     * @param what the value that goes first
     * @param file a readable file
     * @param offsetBytes where to begin, from 0 to the length of the file
     * @param options the time limit of the whole upload, by default none; headers and other options
     * @return the answer, never null, except if the action's answer has no content
     * @throws IOException if the call fails, see {@link #call(Action, Object, CallOptions)}; or if the file cannot be
     *     opened
     * @throws IllegalArgumentException if the value cannot be written, the offset is not in the file, or this is a
     *     plain client
     */
    public <Q, A extends @Nullable Object> A upload(
            Action<Q, A> action, Q what, Path file, long offsetBytes, CallOptions options) throws IOException {
        return upload(action, first(action, what), out -> out.sendFile(file, offsetBytes), options);
    }

    /** Writes the value that goes first. A question without content is null, and needs no message of its own. */
    private static <Q> Message first(Action<Q, ?> action, Q what) {
        Message written = Codecs.write(action.question(), what);
        return what == null ? written : StreamMessages.value(written);
    }

    /** The content that an upload sends. */
    private interface Content {
        void sendTo(OutStream<Message> out) throws IOException;
    }

    private <A extends @Nullable Object> A upload(
            Action<?, A> action, Message first, Content content, CallOptions options) throws IOException {
        CallDispatcher.checkMayBlock();
        ClientStream stream = open(action.name(), first, true, options);
        try (TypedIn<A> in = in(action, stream)) {
            try {
                content.sendTo(new TypedOut<>(stream.out(), message -> message));
                stream.out().end(StreamMessages.mark());
            } catch (ExchangeEndedException answeredEarly) {
                // The server needs no more of the content.
            }
            A answer = in.receive();
            return answer != null
                    ? answer
                    : Codecs.ofEnd(
                            action.answer(),
                            () -> ContentException.ofAnswer(
                                    core.address() + " ended '" + action.name() + "' without an answer"));
        }
    }

    // One-way requests.

    /**
     * Sends a request that gets no response, not even an error, with {@link #DEFAULT_TIMEOUT}; see {@link #send(Action,
     * Object, CallOptions)}.
     *
     * @param <Q> the question's type
     * @param action the action to call; its answer's type is ignored
     * @param question the question; null only if the action's question has no content
     * @return a stage that completes, on the client's loop, when the request is queued on a connection
     * @throws IllegalArgumentException if the question cannot be written
     */
    public <Q extends @Nullable Object> CompletionStage<Void> send(Action<Q, ?> action, Q question) {
        return send(action, question, CallOptions.DEFAULT);
    }

    /**
     * Sends a request that gets no response, not even an error. Does not wait for the server.
     *
     * @param <Q> the question's type
     * @param action the action to call; its answer's type is ignored
     * @param question the question; null only if the action's question has no content
     * @param options the time limit, headers, and other options of this request
     * @return a stage that completes, on the client's loop, when the request is queued on a connection; it fails if the
     *     request cannot be queued
     * @throws IllegalArgumentException if the question cannot be written, or this is a plain client
     */
    public <Q extends @Nullable Object> CompletionStage<Void> send(
            Action<Q, ?> action, Q question, CallOptions options) {
        Message request = Codecs.write(action.question(), question).with(Header.REPLY, false);
        return start(action.name(), request, options).thenAccept(sent -> {});
    }

    // State and end.

    /** {@return the state of the client's connection; any thread may call this} */
    public ClientState state() {
        return core.state();
    }

    /**
     * {@return the number of responses that arrived after their calls had ended, and were dropped; any thread may call
     * this}
     */
    public long lateResponses() {
        return core.lateResponses();
    }

    /**
     * Connects at once if there is no connection ({@link ClientState#IDLE} or {@link ClientState#BACKING_OFF}), for
     * example since the program knows that the network is back. Has no effect while a connection is there or is being
     * made. Any thread may call this.
     */
    public void reconnectNow() {
        core.reconnectNow();
    }

    /**
     * Ends this client, but lets the calls and streams under way finish. New calls fail with {@link
     * ClientClosedException}, although {@link #state} still is that of the connection. After the grace period, or as
     * soon as nothing is under way, this method closes the client.
     *
     * @param grace the time that calls and streams may take; zero or more
     * @return the number of calls and streams that had not finished; they fail with {@link ClientClosedException}
     * @throws InterruptedException if the caller was interrupted; then the client is closed
     * @throws IllegalArgumentException if the grace is negative
     * @throws IllegalStateException if it is called on the thread of a loop
     */
    public int drain(Duration grace) throws InterruptedException {
        EventLoop.checkMayBlock("drain(…)", "let another thread wait, such as main");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace is " + grace + "; it must be zero or more");
        }
        try {
            return core.drain(grace).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            close();
        }
    }

    /**
     * Closes this client. The calls under way fail with {@link ClientClosedException}. If no other client uses its
     * loop, and the loop was not given by the caller, its thread ends. Any thread may call it. A second call has no
     * effect.
     */
    @Override
    public void close() {
        core.close();
    }
}
