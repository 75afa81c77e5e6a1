package dev.parley;

import dev.parley.client.CallDispatcher;
import dev.parley.client.CallFilterChain;
import dev.parley.client.ClientSettings;
import dev.parley.client.ClientStream;
import dev.parley.client.FullCallDispatcher;
import dev.parley.client.PlainCallDispatcher;
import dev.parley.frame.Header;
import dev.parley.link.StreamMessages;
import dev.parley.link.TypedDuplex;
import dev.parley.link.TypedIn;
import dev.parley.link.TypedOut;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
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
 */
public final class Client implements AutoCloseable {
    /** The time that a call waits for its answer by default. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final CallDispatcher core;
    private final List<Filter> filters;

    private Client(CallDispatcher core) {
        this(core, List.of());
    }

    Client(CallDispatcher core, List<Filter> filters) {
        this.core = core;
        this.filters = filters;
    }

    // Making a client.

    /**
     * Connects to the server at this address; see {@link #connect(Address)}.
     *
     * @param address an address such as {@code tcp://localhost:65432}
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws dev.parley.net.AddressException if the text is not an address, or not one that can be connected to
     * @throws IOException only {@link InterruptedIOException}, if the caller was interrupted
     */
    public static Client connect(String address) throws IOException {
        return connect(Address.parse(address));
    }

    /**
     * Connects to a server, on a loop of the client's own with default settings. Servers of the tutorial are
     * recognised, and get requests in the form in which the tutorial's client sends them; see docs/protocol.md, section
     * 8.
     *
     * @param address any address except {@code *} and port 0
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws dev.parley.net.AddressException if the address cannot be connected to
     * @throws java.io.UncheckedIOException if the system gives the loop no selector
     * @throws IOException only {@link InterruptedIOException}, if the caller was interrupted
     */
    public static Client connect(Address address) throws IOException {
        return connect(EventLoop.builder(), address);
    }

    /**
     * Connects to a server, on a loop of the client's own with these settings; see {@link #connect(Address)}.
     *
     * @param settings the loop's settings; this method makes the loop's thread a daemon, and for a {@code mem:} address
     *     sets the transport to the shared network
     * @param address any address except {@code *} and port 0
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws dev.parley.net.AddressException if the address cannot be connected to
     * @throws java.io.UncheckedIOException if the system gives the loop no selector
     * @throws IOException only {@link InterruptedIOException}, if the caller was interrupted
     */
    public static Client connect(EventLoop.Builder settings, Address address) throws IOException {
        EventLoop loop = startLoop(settings, address);
        try {
            return connected(new FullCallDispatcher(loop, true, settingsOf(address, MessageLimits.DEFAULT)));
        } catch (IOException | RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    /**
     * Connects to a server, on the caller's loop, which stays open after {@link #close}. Do not call this method on
     * that loop's own thread: the thread would wait for itself.
     *
     * @param loop a loop whose transport supports the address, and which stays open at least until this method returns
     * @param address any address except {@code *} and port 0
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws dev.parley.net.AddressException if the address cannot be connected to, or the loop's transport does not
     *     support it
     * @throws java.util.concurrent.RejectedExecutionException if the loop is closed
     * @throws IOException only {@link InterruptedIOException}, if the caller was interrupted
     */
    public static Client connect(EventLoop loop, Address address) throws IOException {
        return connect(loop, address, MessageLimits.DEFAULT);
    }

    /**
     * Connects to a server, on the caller's loop, with message limits other than {@link MessageLimits#DEFAULT}; see
     * {@link #connect(EventLoop, Address)}.
     *
     * @param loop a loop whose transport supports the address, and which stays open at least until this method returns
     * @param address any address except {@code *} and port 0
     * @param limits the limits on the length of an answer, and on the number of calls that are under way at once
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws dev.parley.net.AddressException if the address cannot be connected to, or the loop's transport does not
     *     support it
     * @throws java.util.concurrent.RejectedExecutionException if the loop is closed
     * @throws IOException only {@link InterruptedIOException}, if the caller was interrupted
     */
    public static Client connect(EventLoop loop, Address address, MessageLimits limits) throws IOException {
        return connected(new FullCallDispatcher(loop, false, settingsOf(address, limits)));
    }

    /**
     * {@return a builder for a client of one or several servers; see {@link ClientBuilder}}
     *
     * @param addresses at least one address, such as {@code tcp://localhost:65432}, of servers that give the same
     *     answers
     * @throws dev.parley.net.AddressException if a text is not an address
     * @throws IllegalArgumentException if there is no address
     */
    public static ClientBuilder of(String... addresses) {
        return new ClientBuilder(Stream.of(addresses).map(Address::parse).toList());
    }

    /**
     * {@return a builder for a client of one or several servers; see {@link ClientBuilder}}
     *
     * @param addresses at least one address, of servers that give the same answers
     * @throws IllegalArgumentException if there is no address
     */
    public static ClientBuilder of(List<Address> addresses) {
        return new ClientBuilder(addresses);
    }

    private static Client connected(FullCallDispatcher core) throws IOException {
        return connected(core, List.of());
    }

    static Client connected(FullCallDispatcher core, List<Filter> filters) throws IOException {
        EventLoop.checkMayBlock("a blocking connect", "connect before, or on a virtual thread");
        try {
            get(core.connect(), core.address());
            return new Client(core, filters);
        } catch (IOException | RuntimeException e) {
            core.close(); // otherwise the core would try to connect forever
            throw e;
        }
    }

    /**
     * Makes a client that communicates as the tutorial's does; see {@link #plain(Address)}.
     *
     * @param address an address such as {@code tcp://localhost:65432}
     * @return the client, which the caller must close
     * @throws dev.parley.net.AddressException if the text is not an address
     */
    public static Client plain(String address) {
        return plain(Address.parse(address));
    }

    /**
     * Makes a client that communicates exactly as the tutorial's does: each request is sent on a connection of its own,
     * without an id. It connects at each call; this method does not connect. The content of each request is a JSON
     * object that names the action.
     *
     * @param address the server's address, to which each call connects
     * @return the client, which the caller must close
     * @throws java.io.UncheckedIOException if the system gives its loop no selector
     */
    public static Client plain(Address address) {
        return plain(EventLoop.builder(), address);
    }

    /**
     * Makes a client that communicates as the tutorial's does, on a loop of its own with these settings; see {@link
     * #plain(Address)}.
     *
     * @param settings the loop's settings; this method makes the loop's thread a daemon, and for a {@code mem:} address
     *     sets the transport to the shared network
     * @param address the server's address, to which each call connects
     * @return the client, which the caller must close
     * @throws java.io.UncheckedIOException if the system gives its loop no selector
     */
    public static Client plain(EventLoop.Builder settings, Address address) {
        return new Client(new PlainCallDispatcher(
                startLoop(settings, address), true, settingsOf(address, MessageLimits.DEFAULT)));
    }

    /**
     * Makes a client that communicates as the tutorial's does, on the caller's loop, which stays open after {@link
     * #close}; see {@link #plain(Address)}.
     *
     * @param loop a loop whose transport supports the address
     * @param address the server's address, to which each call connects
     * @return the client, which the caller must close
     */
    public static Client plain(EventLoop loop, Address address) {
        return new Client(new PlainCallDispatcher(loop, false, settingsOf(address, MessageLimits.DEFAULT)));
    }

    private static ClientSettings settingsOf(Address address, MessageLimits limits) {
        return new ClientSettings(List.of(address), 1, limits, false, true, RandomGenerator.getDefault(), state -> {});
    }

    static EventLoop startLoop(EventLoop.Builder settings, Address address) {
        if (address instanceof Address.Mem) {
            settings.transport(MemNetwork.shared());
        }
        return settings.daemon(true).start();
    }

    // Calls with values.

    /**
     * Sends a question and waits for the answer, for at most {@link #DEFAULT_TIMEOUT}; see {@link #call(Action, Object,
     * Duration)}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action to call
     * @param question a value that can be written as JSON, or a {@link Message}
     * @return the answer, never null
     * @throws IOException if the call fails; see {@link #call(Action, Object, Duration)}
     */
    public <Q, A> A call(Action<Q, A> action, Q question) throws IOException {
        return call(action, question, DEFAULT_TIMEOUT);
    }

    /**
     * Sends a question and waits for the answer. Any thread except that of the client's loop may call it.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action to call
     * @param question a value that can be written as JSON, or a {@link Message}
     * @param timeout the longest time to wait, including a connect; zero for no limit. It is sent to the server. If it
     *     is negative, the call times out at once, and nothing is sent
     * @return the answer, never null
     * @throws RefusedException if the server responds with an error; also, with {@code busy}, if 10,000 calls are
     *     already waiting
     * @throws TimedOutException if there is no answer in time
     * @throws ConnectionLostException if the connection ends before the answer. If the reason of the exception is
     *     {@link dev.parley.net.CloseReason#LOCAL}, this client or its loop is closed; do not try again, since each
     *     further call throws this too
     * @throws dev.parley.net.ConnectFailedException if the server cannot be reached
     * @throws InterruptedIOException if the caller was interrupted; its flag stays set, and the server is notified
     * @throws ContentException if the answer does not fit its type
     * @throws IllegalArgumentException if the question cannot be written as JSON
     * @throws IllegalStateException if it is called on the thread of the client's loop; the thread would wait for
     *     itself
     * @throws IOException only as one of the exceptions above
     */
    public <Q, A> A call(Action<Q, A> action, Q question, Duration timeout) throws IOException {
        return answer(action, call(action.name(), Message.ofAnswer(question), timeout));
    }

    /**
     * Sends a question without waiting for the answer, with {@link #DEFAULT_TIMEOUT}; see {@link #callAsync(Action,
     * Object, Duration)}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action to call
     * @param question a value that can be written as JSON, or a {@link Message}
     * @return a stage that completes on the client's loop, so functions that follow it must not block
     * @throws IllegalArgumentException if the question cannot be written as JSON
     */
    public <Q, A> CompletionStage<A> callAsync(Action<Q, A> action, Q question) {
        return callAsync(action, question, DEFAULT_TIMEOUT);
    }

    /**
     * Sends a question without waiting for the answer. The returned stage completes with the result of {@link
     * #call(Action, Object, Duration)}. If that method would throw an exception, the exception is the cause of a {@link
     * java.util.concurrent.CompletionException}. Any thread may call this method, including the loop's own.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action the action to call
     * @param question a value that can be written as JSON, or a {@link Message}
     * @param timeout the longest time to wait; zero for no limit
     * @return a stage that completes on the client's loop, so functions that follow it must not block
     * @throws IllegalArgumentException if the question cannot be written as JSON
     */
    public <Q, A> CompletionStage<A> callAsync(Action<Q, A> action, Q question, Duration timeout) {
        return callAsync(action.name(), Message.ofAnswer(question), timeout)
                .thenApply(answer -> answer(action, answer));
    }

    private <A> A answer(Action<?, A> action, Message answer) {
        try {
            return answer.to(action.answer());
        } catch (ContentException e) {
            throw e.ofAnswer(core.address().toString(), action);
        }
    }

    // Calls with messages.

    /**
     * Sends a request that already contains its action, or has no action, and waits for at most {@link
     * #DEFAULT_TIMEOUT}.
     *
     * @param request the request; if its content is JSON, a member of it may be the action, as in the tutorial
     * @return the response, which is not an error
     * @throws IOException if the call fails; see {@link #call(Action, Object, Duration)}
     */
    public Message call(Message request) throws IOException {
        return call(request, DEFAULT_TIMEOUT);
    }

    /**
     * Sends a request that already contains its action, or has no action, and waits for the response.
     *
     * @param request the request; if its content is JSON, a member of it may be the action, as in the tutorial
     * @param timeout the longest time to wait; zero for no limit
     * @return the response, which is not an error
     * @throws IllegalArgumentException if the request's header is longer than 65,535 bytes
     * @throws IOException if the call fails; see {@link #call(Action, Object, Duration)}
     */
    public Message call(Message request, Duration timeout) throws IOException {
        return filteredCall(null, request, timeout);
    }

    /**
     * Sends a request to a handler, and waits for at most {@link #DEFAULT_TIMEOUT}.
     *
     * @param action the name of the action
     * @param request a request with any content
     * @return the response, which is not an error
     * @throws IllegalArgumentException if the name of the action is not valid
     * @throws IOException if the call fails; see {@link #call(Action, Object, Duration)}
     */
    public Message call(String action, Message request) throws IOException {
        return call(action, request, DEFAULT_TIMEOUT);
    }

    /**
     * Sends a request to a handler, and waits for the response; see {@link #call(Action, Object, Duration)}.
     *
     * @param action the name of the action
     * @param request a request with any content; for a server of the tutorial, a JSON object
     * @param timeout the longest time to wait; zero for no limit
     * @return the response, which is not an error
     * @throws IllegalArgumentException if the name of the action is not valid, or the request's header is longer than
     *     65,535 bytes
     * @throws IOException if the call fails; see {@link #call(Action, Object, Duration)}
     */
    public Message call(String action, Message request, Duration timeout) throws IOException {
        return filteredCall(action, request, timeout);
    }

    private Message filteredCall(@Nullable String action, Message request, Duration timeout) throws IOException {
        CallDispatcher.checkMayBlock();
        if (filters.isEmpty()) {
            return get(core.call(action, request, timeout), core.address());
        }
        Supplier<Duration> left = core.timeLeft(timeout);
        var call =
                new CallFilterChain(filters, action, each -> get(core.call(action, each, left.get()), core.address()));
        try {
            return call.proceed(request);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("a filter failed: " + e.getMessage(), e);
        }
    }

    private CompletionStage<Message> filteredCallAsync(@Nullable String action, Message request, Duration timeout) {
        if (filters.isEmpty()) {
            return core.call(action, request, timeout);
        }
        CallDispatcher.check(action);
        return core.apart(() -> filteredCall(action, request, timeout));
    }

    /**
     * Sends a request that already contains its action, or has no action, without waiting for the response. The
     * returned stage completes on the client's loop.
     *
     * @param request the request; if its content is JSON, a member of it may be the action, as in the tutorial
     * @param timeout the longest time to wait; zero for no limit
     * @return a stage that completes with the result of {@link #call(Message, Duration)}; functions that follow it must
     *     not block
     */
    public CompletionStage<Message> callAsync(Message request, Duration timeout) {
        return filteredCallAsync(null, request, timeout);
    }

    /**
     * Sends a request to a handler without waiting for the response. The returned stage completes on the client's loop.
     *
     * @param action the name of the action
     * @param request a request with any content
     * @param timeout the longest time to wait; zero for no limit
     * @return a stage that completes with the result of {@link #call(String, Message, Duration)}; functions that follow
     *     it must not block
     * @throws IllegalArgumentException if the name of the action is not valid
     */
    public CompletionStage<Message> callAsync(String action, Message request, Duration timeout) {
        return filteredCallAsync(action, request, timeout);
    }

    private static <T> T get(CompletableFuture<T> future, Address address) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            cause.fillInStackTrace(); // created on the loop; the caller needs the stack of this thread
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

    // Streams.

    /**
     * Sends a question and receives a stream of answers, without a deadline; see {@link #stream(Action, Object,
     * Duration)}.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action to call
     * @param question a value that can be written as JSON, or a {@link Message}
     * @return the stream of answers, which the caller must close
     * @throws IllegalArgumentException if the question cannot be written as JSON
     */
    public <Q, A> InStream<A> stream(Action<Q, A> action, Q question) {
        return stream(action, question, Duration.ZERO);
    }

    /**
     * Sends a question and receives a stream of answers. Returns at once; a failure is thrown when the answers are
     * received. Slow reading holds back only the server's handler of this stream.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action the action to call
     * @param question a value that can be written as JSON, or a {@link Message}
     * @param timeout the longest time for the whole stream, including a connect; zero for no limit
     * @return the stream of answers, which the caller must close
     * @throws IllegalArgumentException if the question cannot be written as JSON, or this is a plain client
     */
    public <Q, A> InStream<A> stream(Action<Q, A> action, Q question, Duration timeout) {
        ClientStream stream = core.open(action.name(), Message.ofAnswer(question), false, timeout);
        return in(action, stream);
    }

    /**
     * Opens a stream in both directions, without a deadline; see {@link #duplex(Action, Duration)}.
     *
     * @param <Q> the type of the values to send
     * @param <A> the type of the values to receive
     * @param action the action to call
     * @return the stream, which the caller must close
     */
    public <Q, A> Duplex<Q, A> duplex(Action<Q, A> action) {
        return duplex(action, Duration.ZERO);
    }

    /**
     * Opens a stream in both directions. Returns at once; a failure is thrown when something is sent or received.
     *
     * @param <Q> the type of the values to send
     * @param <A> the type of the values to receive
     * @param action the action to call
     * @param timeout the longest time for the whole stream, including a connect; zero for no limit
     * @return the stream, which the caller must close
     * @throws IllegalArgumentException if this is a plain client
     */
    public <Q, A> Duplex<Q, A> duplex(Action<Q, A> action, Duration timeout) {
        ClientStream stream = core.open(action.name(), StreamMessages.mark(), true, timeout);
        return new TypedDuplex<>(in(action, stream), new TypedOut<>(stream.out(), Message::ofAnswer), stream.out());
    }

    private <A> TypedIn<A> in(Action<?, A> action, ClientStream stream) {
        return new TypedIn<>(stream.in(), message -> answer(action, message), stream.cancel());
    }

    /**
     * Sends content of any size as one stream of bytes, and waits for the answer. The content is sent in messages of
     * the type {@code application/octet-stream}, which the handler reads as {@code in.bytes()}. Only a few of them are
     * in memory at once.
     *
     * @param <A> the answer's type
     * @param action an action whose handler reads messages
     * @param content the content, which is read to its end and not closed
     * @param timeout the longest time for the whole upload, including a connect; zero for no limit
     * @return the answer, never null
     * @throws IOException if the call fails, see {@link #call(Action, Object, Duration)}; or if the content cannot be
     *     read
     * @throws IllegalArgumentException if this is a plain client
     */
    public <A> A upload(Action<Message, A> action, InputStream content, Duration timeout) throws IOException {
        return upload(
                action,
                out -> {
                    try (OutputStream bytes = out.bytes()) {
                        content.transferTo(bytes);
                    }
                },
                timeout);
    }

    /**
     * Sends a whole file to the server by {@link OutStream#sendFile}, and waits for the one answer.
     *
     * @param <A> the answer's type
     * @param action an action whose handler reads messages
     * @param file a readable file
     * @param timeout the longest time for the whole upload, including a connect; zero for no limit
     * @return the answer, never null
     * @throws IOException if the call fails, see {@link #call(Action, Object, Duration)}; or if the file cannot be
     *     opened
     * @throws IllegalArgumentException if this is a plain client
     */
    public <A> A upload(Action<Message, A> action, Path file, Duration timeout) throws IOException {
        return upload(action, out -> out.sendFile(file), timeout);
    }

    /** The content that an upload sends. */
    private interface Content {
        void sendTo(OutStream<Message> out) throws IOException;
    }

    private <A> A upload(Action<Message, A> action, Content content, Duration timeout) throws IOException {
        CallDispatcher.checkMayBlock();
        try (Duplex<Message, A> duplex = duplex(action, timeout)) {
            try {
                content.sendTo(duplex.out());
            } catch (ExchangeEndedException answeredEarly) {
                return answerOf(duplex, action); // the server needs no more of the content
            }
            duplex.end();
            return answerOf(duplex, action);
        }
    }

    private <A> A answerOf(Duplex<Message, A> duplex, Action<Message, A> action) throws IOException {
        A answer = duplex.receive();
        if (answer == null) {
            throw ContentException.badAnswer(core.address() + " ended '" + action.name() + "' without an answer");
        }
        return answer;
    }

    // One-way requests.

    /**
     * Sends a request that gets no response, not even an error. Does not wait for the server.
     *
     * @param <Q> the question's type
     * @param action the action to call; its answer's type is ignored
     * @param question a value that can be written as JSON, or a {@link Message}
     * @return a stage that completes, on the client's loop, when the request is queued on a connection; it fails if the
     *     request cannot be queued
     * @throws IllegalArgumentException if the question cannot be written as JSON
     */
    public <Q> CompletionStage<Void> send(Action<Q, ?> action, Q question) {
        Message request = Message.ofAnswer(question).with(Header.REPLY, false);
        return core.call(action.name(), request, DEFAULT_TIMEOUT).thenAccept(sent -> {});
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
     * Closes this client. The calls under way fail with {@link ConnectionLostException}. If the loop is the client's
     * own, its thread ends. Any thread may call it. A second call has no effect.
     */
    @Override
    public void close() {
        core.close();
    }
}
