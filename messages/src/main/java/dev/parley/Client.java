package dev.parley;

import dev.parley.client.CallDispatcher;
import dev.parley.client.CallFilterChain;
import dev.parley.client.ClientSettings;
import dev.parley.client.ClientStream;
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
 * A client of messages: one connection, or a few, and any number of calls at once. Any thread may use it. It lives as
 * long as its program: a connection that is lost fails the calls that were sent on it, and another one is made.
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
 * <p>Every call has a deadline. The blocking ones return the answer or throw; the others give a stage that ends on the
 * client's loop, so what follows it must not block. At most {@link MessageLimits#inFlightMax} calls are under way at
 * once, and up to 10,000 wait behind them.
 */
public final class Client implements AutoCloseable {
    /** How long a call waits for its answer where nothing else is said. */
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

    // Making one.

    /**
     * A client of the server at this address; see {@link #connect(Address)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @return the client, connected; the caller closes it
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     * @throws dev.parley.net.AddressException when the text is no address, or nobody can connect to such a one
     * @throws IOException no other but {@link InterruptedIOException}, when the caller was interrupted
     */
    public static Client connect(String address) throws IOException {
        return connect(Address.parse(address));
    }

    /**
     * Connects to a server, on a loop of its own with every default. Servers of the tutorial's are recognised, and
     * served as it does; see docs/protocol.md, section 8.
     *
     * @param address any but {@code *} and port 0
     * @return the client, connected; the caller closes it
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     * @throws dev.parley.net.AddressException when nobody can connect to such an address
     * @throws java.io.UncheckedIOException when the system gives the loop no selector
     * @throws IOException no other but {@link InterruptedIOException}, when the caller was interrupted
     */
    public static Client connect(Address address) throws IOException {
        return connect(EventLoop.builder(), address);
    }

    /**
     * The same, on a loop of its own with these settings.
     *
     * @param settings made a daemon here, and for a {@code mem:} address given the shared network
     * @param address any but {@code *} and port 0
     * @return the client, connected; the caller closes it
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     * @throws dev.parley.net.AddressException when nobody can connect to such an address
     * @throws java.io.UncheckedIOException when the system gives the loop no selector
     * @throws IOException no other but {@link InterruptedIOException}, when the caller was interrupted
     */
    public static Client connect(EventLoop.Builder settings, Address address) throws IOException {
        EventLoop loop = startLoop(settings, address);
        try {
            return connected(new CallDispatcher(loop, true, settingsOf(address, MessageLimits.DEFAULT), false));
        } catch (IOException | RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    /**
     * The same, on a loop of the caller's, which stays open after {@link #close}. Never on that loop's own thread,
     * which would wait for itself.
     *
     * @param loop its transport must have such addresses; stays open at least until this returns
     * @param address any but {@code *} and port 0
     * @return the client, connected; the caller closes it
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     * @throws dev.parley.net.AddressException when nobody can connect to such an address, or this loop cannot
     * @throws java.util.concurrent.RejectedExecutionException when the loop is closed
     * @throws IOException no other but {@link InterruptedIOException}, when the caller was interrupted
     */
    public static Client connect(EventLoop loop, Address address) throws IOException {
        return connect(loop, address, MessageLimits.DEFAULT);
    }

    /**
     * The same, with bounds of messages other than {@link MessageLimits#DEFAULT}.
     *
     * @param loop its transport must have such addresses; stays open at least until this returns
     * @param address any but {@code *} and port 0
     * @param limits how long an answer may be, and how many calls are under way at once
     * @return the client, connected; the caller closes it
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     * @throws dev.parley.net.AddressException when nobody can connect to such an address, or this loop cannot
     * @throws java.util.concurrent.RejectedExecutionException when the loop is closed
     * @throws IOException no other but {@link InterruptedIOException}, when the caller was interrupted
     */
    public static Client connect(EventLoop loop, Address address, MessageLimits limits) throws IOException {
        return connected(new CallDispatcher(loop, false, settingsOf(address, limits), false));
    }

    /**
     * {@return settings for a client of one or several servers; see {@link ClientBuilder}}
     *
     * @param addresses such as {@code tcp://localhost:65432}, at least one; servers that answer the same
     * @throws dev.parley.net.AddressException when a text is no address
     * @throws IllegalArgumentException when there is none
     */
    public static ClientBuilder of(String... addresses) {
        return new ClientBuilder(Stream.of(addresses).map(Address::parse).toList());
    }

    /**
     * {@return settings for a client of one or several servers; see {@link ClientBuilder}}
     *
     * @param addresses at least one; servers that answer the same
     * @throws IllegalArgumentException when there is none
     */
    public static ClientBuilder of(List<Address> addresses) {
        return new ClientBuilder(addresses);
    }

    private static Client connected(CallDispatcher core) throws IOException {
        return connected(core, List.of());
    }

    static Client connected(CallDispatcher core, List<Filter> filters) throws IOException {
        EventLoop.checkMayBlock("a blocking connect", "connect before, or on a virtual thread");
        try {
            get(core.connect(), core.address());
            return new Client(core, filters);
        } catch (IOException | RuntimeException e) {
            core.close(); // or it would go on trying, for nobody
            throw e;
        }
    }

    /**
     * A client that speaks as the tutorial's does; see {@link #plain(Address)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @return the client; the caller closes it
     * @throws dev.parley.net.AddressException when the text is no address
     */
    public static Client plain(String address) {
        return plain(Address.parse(address));
    }

    /**
     * A client that speaks just as the tutorial's does: each request on a connection of its own, without an id. It
     * connects with each call, so nothing is tried yet. A request holds its action in its content, a JSON object.
     *
     * @param address a connect is tried with each call
     * @return the client; the caller closes it
     * @throws java.io.UncheckedIOException when the system gives its loop no selector
     */
    public static Client plain(Address address) {
        return plain(EventLoop.builder(), address);
    }

    /**
     * The same, on a loop of its own with these settings.
     *
     * @param settings made a daemon here, and for a {@code mem:} address given the shared network
     * @param address a connect is tried with each call
     * @return the client; the caller closes it
     * @throws java.io.UncheckedIOException when the system gives its loop no selector
     */
    public static Client plain(EventLoop.Builder settings, Address address) {
        return new Client(new CallDispatcher(
                startLoop(settings, address), true, settingsOf(address, MessageLimits.DEFAULT), true));
    }

    /**
     * The same, on a loop of the caller's, which stays open after {@link #close}.
     *
     * @param loop its transport must have such addresses
     * @param address a connect is tried with each call
     * @return the client; the caller closes it
     */
    public static Client plain(EventLoop loop, Address address) {
        return new Client(new CallDispatcher(loop, false, settingsOf(address, MessageLimits.DEFAULT), true));
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
     * Asks and waits, for {@link #DEFAULT_TIMEOUT} at most; see {@link #call(Action, Object, Duration)}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action what is asked
     * @param question a value that can be written as JSON, or a {@link Message}
     * @return the answer, never null
     * @throws IOException as the other says
     */
    public <Q, A> A call(Action<Q, A> action, Q question) throws IOException {
        return call(action, question, DEFAULT_TIMEOUT);
    }

    /**
     * Asks and waits for the answer. Any thread but the client's loop.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action what is asked
     * @param question a value that can be written as JSON, or a {@link Message}
     * @param timeout how long at most, a connect included; zero for no limit. The server is told. One below zero
     *     is over before the call: nothing is sent
     * @return the answer, never null
     * @throws RefusedException when the server answers with an error; also, with {@code busy}, when 10,000 calls wait
     *     already
     * @throws TimedOutException when there is no answer in time
     * @throws ConnectionLostException when the connection ends before; with {@link dev.parley.net.CloseReason#LOCAL}
     *     once this client or its loop is closed: each further call ends so, so do not try again
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     * @throws InterruptedIOException when the caller was interrupted; its flag stays set, and the server is told
     * @throws ContentException when the answer does not fit its type
     * @throws IllegalArgumentException when the question cannot be written as JSON
     * @throws IllegalStateException on the thread of the client's loop, which would wait for itself
     * @throws IOException no other than these
     */
    public <Q, A> A call(Action<Q, A> action, Q question, Duration timeout) throws IOException {
        return answer(action, call(action.name(), Message.ofAnswer(question), timeout));
    }

    /**
     * Asks; the stage ends as {@link #call(Action, Object, Duration)} would, with {@link #DEFAULT_TIMEOUT}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action what is asked
     * @param question a value that can be written as JSON, or a {@link Message}
     * @return ends on the client's loop, so what follows it must not block
     * @throws IllegalArgumentException when the question cannot be written as JSON
     */
    public <Q, A> CompletionStage<A> callAsync(Action<Q, A> action, Q question) {
        return callAsync(action, question, DEFAULT_TIMEOUT);
    }

    /**
     * Asks; the stage ends as {@link #call(Action, Object, Duration)} would, on the client's loop. Does not wait; any
     * thread, the loop's own included. What the call would throw is the cause of a {@link
     * java.util.concurrent.CompletionException}.
     *
     * @param <Q> the question's type
     * @param <A> the answer's type
     * @param action what is asked
     * @param question a value that can be written as JSON, or a {@link Message}
     * @param timeout how long at most; zero for no limit
     * @return ends on the client's loop, so what follows it must not block
     * @throws IllegalArgumentException when the question cannot be written as JSON
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
     * Sends a request that names its action itself, or none; waits for {@link #DEFAULT_TIMEOUT} at most.
     *
     * @param request the action may be a member of its JSON content, as in the tutorial
     * @return the answer, which is no error
     * @throws IOException as {@link #call(Action, Object, Duration)} says
     */
    public Message call(Message request) throws IOException {
        return call(request, DEFAULT_TIMEOUT);
    }

    /**
     * Sends a request that names its action itself, or none, and waits.
     *
     * @param request the action may be a member of its JSON content, as in the tutorial
     * @param timeout how long at most; zero for no limit
     * @return the answer, which is no error
     * @throws IllegalArgumentException when the request's header is longer than 65,535
     *     bytes
     * @throws IOException as {@link #call(Action, Object, Duration)} says
     */
    public Message call(Message request, Duration timeout) throws IOException {
        return filteredCall(null, request, timeout);
    }

    /**
     * Sends a request to a handler and waits for {@link #DEFAULT_TIMEOUT} at most.
     *
     * @param action its name
     * @param request any content
     * @return the answer, which is no error
     * @throws IllegalArgumentException when it is no action name
     * @throws IOException as {@link #call(Action, Object, Duration)} says
     */
    public Message call(String action, Message request) throws IOException {
        return call(action, request, DEFAULT_TIMEOUT);
    }

    /**
     * Sends a request to a handler and waits; see {@link #call(Action, Object, Duration)}.
     *
     * @param action its name
     * @param request any content; to a server of the tutorial's, a JSON object
     * @param timeout how long at most; zero for no limit
     * @return the answer, which is no error
     * @throws IllegalArgumentException when it is no action name, or the request's header is
     *     longer than 65,535 bytes
     * @throws IOException as the other says
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
     * Sends a request that names its action itself, or none; the stage ends on the client's loop.
     *
     * @param request the action may be a member of its JSON content, as in the tutorial
     * @param timeout how long at most; zero for no limit
     * @return ends as {@link #call(Message, Duration)} would; what follows it must not block
     */
    public CompletionStage<Message> callAsync(Message request, Duration timeout) {
        return filteredCallAsync(null, request, timeout);
    }

    /**
     * Sends a request to a handler; the stage ends on the client's loop.
     *
     * @param action its name
     * @param request any content
     * @param timeout how long at most; zero for no limit
     * @return ends as {@link #call(String, Message, Duration)} would; what follows it must not block
     * @throws IllegalArgumentException when it is no action name
     */
    public CompletionStage<Message> callAsync(String action, Message request, Duration timeout) {
        return filteredCallAsync(action, request, timeout);
    }

    private static <T> T get(CompletableFuture<T> future, Address address) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            cause.fillInStackTrace(); // it was made on the loop; who asked is on this thread
            if (cause instanceof IOException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IOException(cause);
        } catch (InterruptedException e) {
            future.cancel(true); // the server is told that nobody waits
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + address);
        }
    }

    // Streams.

    /**
     * Asks, and receives a stream of answers, without a deadline; see {@link #stream(Action, Object, Duration)}.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action what is asked
     * @param question a value that can be written as JSON, or a {@link Message}
     * @return the answers; the caller closes it
     * @throws IllegalArgumentException when the question cannot be written as JSON
     */
    public <Q, A> InStream<A> stream(Action<Q, A> action, Q question) {
        return stream(action, question, Duration.ZERO);
    }

    /**
     * Asks, and receives a stream of answers. Returns at once; what keeps it from its answers is thrown where they are
     * received. Reading slowly holds back the server's handler of this stream, and nothing else.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     * @param action what is asked
     * @param question a value that can be written as JSON, or a {@link Message}
     * @param timeout for the whole stream, a connect included; zero for no limit
     * @return the answers; the caller closes it
     * @throws IllegalArgumentException when the question cannot be written as JSON, or the
     *     client is a plain one
     */
    public <Q, A> InStream<A> stream(Action<Q, A> action, Q question, Duration timeout) {
        ClientStream stream = core.open(action.name(), Message.ofAnswer(question), false, timeout);
        return in(action, stream);
    }

    /**
     * Opens a stream in both directions, without a deadline; see {@link #duplex(Action, Duration)}.
     *
     * @param <Q> the type of what goes
     * @param <A> the type of what comes
     * @param action who is spoken with
     * @return the stream; the caller closes it
     */
    public <Q, A> Duplex<Q, A> duplex(Action<Q, A> action) {
        return duplex(action, Duration.ZERO);
    }

    /**
     * Opens a stream in both directions. Returns at once; what keeps it from its server is thrown where something is
     * sent or received.
     *
     * @param <Q> the type of what goes
     * @param <A> the type of what comes
     * @param action who is spoken with
     * @param timeout for the whole stream, a connect included; zero for no limit
     * @return the stream; the caller closes it
     * @throws IllegalArgumentException when the client is a plain one
     */
    public <Q, A> Duplex<Q, A> duplex(Action<Q, A> action, Duration timeout) {
        ClientStream stream = core.open(action.name(), StreamMessages.mark(), true, timeout);
        return new TypedDuplex<>(in(action, stream), new TypedOut<>(stream.out(), Message::ofAnswer), stream.out());
    }

    private <A> TypedIn<A> in(Action<?, A> action, ClientStream stream) {
        return new TypedIn<>(stream.in(), message -> answer(action, message), stream.cancel());
    }

    /**
     * Sends content of any size as one stream of bytes, and waits for the answer. It goes as messages of the type
     * {@code application/octet-stream}, which the handler reads as {@code in.bytes()}. No more than a few of them are
     * in memory at once.
     *
     * @param <A> the answer's type
     * @param action whose handler reads messages
     * @param content read to its end, and not closed
     * @param timeout for the whole of it, a connect included; zero for no limit
     * @return the answer, never null
     * @throws IOException as {@link #call(Action, Object, Duration)} says, and what reading the content throws
     * @throws IllegalArgumentException when the client is a plain one
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
     * Sends a whole file to the server, and waits for the one answer; the file goes as {@link OutStream#sendFile} says.
     *
     * @param <A> the answer's type
     * @param action whose handler reads messages
     * @param file one that can be read
     * @param timeout for the whole of it, a connect included; zero for no limit
     * @return the answer, never null
     * @throws IOException as {@link #call(Action, Object, Duration)} says, and when the file cannot be opened
     * @throws IllegalArgumentException when the client is a plain one
     */
    public <A> A upload(Action<Message, A> action, Path file, Duration timeout) throws IOException {
        return upload(action, out -> out.sendFile(file), timeout);
    }

    /** What an upload sends. */
    private interface Content {
        void sendTo(OutStream<Message> out) throws IOException;
    }

    private <A> A upload(Action<Message, A> action, Content content, Duration timeout) throws IOException {
        CallDispatcher.checkMayBlock();
        try (Duplex<Message, A> duplex = duplex(action, timeout)) {
            try {
                content.sendTo(duplex.out());
            } catch (ExchangeEndedException answeredEarly) {
                return answerOf(duplex, action); // it needs no more of it
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

    // One-way.

    /**
     * Sends a request that nobody answers, not even with an error. Does not wait for the server.
     *
     * @param <Q> the question's type
     * @param action its name and type; the answer's type says nothing here
     * @param question a value that can be written as JSON, or a {@link Message}
     * @return ends when the request has its place on a connection, or with what kept it from that; on the client's loop
     * @throws IllegalArgumentException when the question cannot be written as JSON
     */
    public <Q> CompletionStage<Void> send(Action<Q, ?> action, Q question) {
        Message request = Message.ofAnswer(question).with(Header.REPLY, false);
        return core.call(action.name(), request, DEFAULT_TIMEOUT).thenAccept(sent -> {});
    }

    // The end.

    /** {@return what it is doing about its connection; any thread} */
    public ClientState state() {
        return core.state();
    }

    /** {@return how many responses came after their call had ended, and were dropped; any thread} */
    public long lateResponses() {
        return core.lateResponses();
    }

    /**
     * Fails the calls under way with {@link ConnectionLostException} and, where the loop is the client's own, ends its
     * thread. Any thread. Twice is harmless.
     */
    @Override
    public void close() {
        core.close();
    }
}
