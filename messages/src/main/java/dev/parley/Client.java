package dev.parley;

import dev.parley.client.CallCore;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * A client of messages: one connection, and any number of calls on it at once. Any thread may use it. A connection that
 * is lost fails the calls that were sent on it, and the next call makes another.
 *
 * <p>Every call has a deadline. The blocking ones return the answer or throw; the others give a stage that ends on the
 * client's loop, so what follows it must not block.
 */
public final class Client implements AutoCloseable {
    /** How long a call waits for its answer where nothing else is said. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final CallCore core;

    private Client(CallCore core) {
        this.core = core;
    }

    // Making one.

    /** A client of the server at this address; see {@link #connect(Address)}. */
    public static Client connect(String address) throws IOException {
        return connect(Address.parse(address));
    }

    /**
     * Connects to a server. Servers of the tutorial's are recognised, and served as it does.
     *
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     */
    public static Client connect(Address address) throws IOException {
        return connect(EventLoop.builder(), address);
    }

    /** The same, on a loop of its own with these settings. */
    public static Client connect(EventLoop.Builder settings, Address address) throws IOException {
        EventLoop loop = startLoop(settings, address);
        try {
            return connected(new CallCore(loop, true, address, MessageLimits.DEFAULT));
        } catch (IOException | RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    /** The same, on a loop of the caller's, which stays open after {@link #close}. */
    public static Client connect(EventLoop loop, Address address) throws IOException {
        return connect(loop, address, MessageLimits.DEFAULT);
    }

    /** The same, with bounds of messages other than {@link MessageLimits#DEFAULT}. */
    public static Client connect(EventLoop loop, Address address, MessageLimits limits) throws IOException {
        return connected(new CallCore(loop, false, address, limits));
    }

    private static Client connected(CallCore core) throws IOException {
        get(core.connect(), core.address());
        return new Client(core);
    }

    /** A client that speaks as the tutorial's does; see {@link #plain(Address)}. */
    public static Client plain(String address) {
        return plain(Address.parse(address));
    }

    /**
     * A client that speaks just as the tutorial's does: each request on a connection of its own, without an id. It
     * connects with each call, so nothing is tried yet.
     */
    public static Client plain(Address address) {
        return plain(EventLoop.builder(), address);
    }

    /** The same, on a loop of its own with these settings. */
    public static Client plain(EventLoop.Builder settings, Address address) {
        return new Client(CallCore.plain(startLoop(settings, address), true, address, MessageLimits.DEFAULT));
    }

    /** The same, on a loop of the caller's, which stays open after {@link #close}. */
    public static Client plain(EventLoop loop, Address address) {
        return new Client(CallCore.plain(loop, false, address, MessageLimits.DEFAULT));
    }

    private static EventLoop startLoop(EventLoop.Builder settings, Address address) {
        if (address instanceof Address.Mem) {
            settings.transport(MemNetwork.shared());
        }
        return settings.daemon(true).start();
    }

    // Calls with values.

    /** Asks and waits, for {@link #DEFAULT_TIMEOUT} at most; see {@link #call(Action, Object, Duration)}. */
    public <Q, A> A call(Action<Q, A> action, Q question) throws IOException {
        return call(action, question, DEFAULT_TIMEOUT);
    }

    /**
     * Asks and waits for the answer.
     *
     * @param timeout how long at most; zero for no limit
     * @throws RefusedException when the server answers with an error
     * @throws TimedOutException when there is no answer in time
     * @throws ConnectionLostException when the connection ends before
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     * @throws ContentException when the answer does not fit its type
     */
    public <Q, A> A call(Action<Q, A> action, Q question, Duration timeout) throws IOException {
        return call(action.name(), Message.ofAnswer(question), timeout).to(action.answer());
    }

    /** Asks; the stage ends as {@link #call(Action, Object, Duration)} would, with {@link #DEFAULT_TIMEOUT}. */
    public <Q, A> CompletionStage<A> callAsync(Action<Q, A> action, Q question) {
        return callAsync(action, question, DEFAULT_TIMEOUT);
    }

    /** Asks; the stage ends as {@link #call(Action, Object, Duration)} would, on the client's loop. */
    public <Q, A> CompletionStage<A> callAsync(Action<Q, A> action, Q question, Duration timeout) {
        return callAsync(action.name(), Message.ofAnswer(question), timeout)
                .thenApply(answer -> answer.to(action.answer()));
    }

    // Calls with messages.

    /** Sends a request that names its action itself, or none; waits for {@link #DEFAULT_TIMEOUT} at most. */
    public Message call(Message request) throws IOException {
        return call(request, DEFAULT_TIMEOUT);
    }

    /** Sends a request that names its action itself, or none, and waits; zero for no limit. */
    public Message call(Message request, Duration timeout) throws IOException {
        core.checkMayBlock();
        return get(core.call(null, request, timeout), core.address());
    }

    /** Sends a request to a handler and waits for {@link #DEFAULT_TIMEOUT} at most. */
    public Message call(String action, Message request) throws IOException {
        return call(action, request, DEFAULT_TIMEOUT);
    }

    /** Sends a request to a handler and waits; see {@link #call(Action, Object, Duration)}. */
    public Message call(String action, Message request, Duration timeout) throws IOException {
        core.checkMayBlock();
        return get(core.call(action, request, timeout), core.address());
    }

    /** Sends a request that names its action itself, or none; the stage ends on the client's loop. */
    public CompletionStage<Message> callAsync(Message request, Duration timeout) {
        return core.call(null, request, timeout);
    }

    /** Sends a request to a handler; the stage ends on the client's loop. */
    public CompletionStage<Message> callAsync(String action, Message request, Duration timeout) {
        return core.call(action, request, timeout);
    }

    private static <T> T get(CompletableFuture<T> future, Address address) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IOException(cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + address);
        }
    }

    // The end.

    /** How many responses came after their call had ended, and were dropped; any thread. */
    public long lateResponses() {
        return core.lateResponses();
    }

    /** Fails the calls under way and, where the loop is the client's own, ends its thread. Twice is harmless. */
    @Override
    public void close() {
        core.close();
    }
}
