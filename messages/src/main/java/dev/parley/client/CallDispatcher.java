package dev.parley.client;

import dev.parley.CallException;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.TimedOutException;
import dev.parley.frame.ActionName;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.text.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The core of a client, on which blocking calls, stages and streams are built. Any thread may use it. */
public final class CallDispatcher {
    /** A time that was over longer ago than this is reported as "long": no one needs to know how long. */
    private static final Duration LONG_OVER = Duration.ofDays(-1_000);

    private static final LoopObserver LOG = LoopObserver.guarded(LoopObserver.logging());

    private final EventLoop loop;
    private final boolean ownsLoop;
    private final ClientSettings settings;
    private final boolean plain;
    private final LongAdder lateResponses = new LongAdder();
    private final List<ReconnectingConnection> connections = new ArrayList<>();
    private final Retries retries;
    private final PlainCalls plainCalls;
    private volatile ClientState state = ClientState.IDLE;

    /**
     * Makes the core of a client.
     *
     * @param plain whether it speaks as the tutorial's client does
     */
    public CallDispatcher(EventLoop loop, boolean ownsLoop, ClientSettings settings, boolean plain) {
        this.loop = loop;
        this.ownsLoop = ownsLoop;
        this.settings = settings;
        this.plain = plain;
        this.retries = new Retries(loop, settings.random(), this::submit);
        this.plainCalls = new PlainCalls(loop, settings.limits());
        for (int i = 0; i < settings.connections(); i++) {
            connections.add(new ReconnectingConnection(loop, settings, i, lateResponses, this::connectionIs));
        }
    }

    /** Returns the first address of the server. */
    public Address address() {
        return settings.addresses().getFirst();
    }

    /** Returns the state of the best of its connections. */
    public ClientState state() {
        return state;
    }

    /**
     * Takes note of a connection's new state, on the loop's thread. If one of them is closed, the loop or the client is
     * closed, and so all of them are.
     */
    private void connectionIs(ClientState now) {
        if (now == ClientState.CLOSED) {
            connections.forEach(ReconnectingConnection::close);
        }
        tellState();
    }

    /**
     * Updates the state, and passes it to the watcher; called on the loop's thread, or on any thread if the loop is
     * closed.
     */
    private synchronized void tellState() {
        ClientState best = ClientState.CLOSED;
        for (ReconnectingConnection connection : connections) {
            best = better(best, connection.state());
        }
        if (best != state) {
            state = best;
            tellWatcher(best);
        }
    }

    /** Passes a state to the watcher. What that throws is logged, and costs neither the connection nor the calls. */
    private void tellWatcher(ClientState now) {
        try {
            settings.watcher().accept(now);
        } catch (Throwable thrown) {
            LOG.failed("the observer of a client's state threw", thrown);
        }
    }

    private static ClientState better(ClientState one, ClientState other) {
        List<ClientState> order = List.of(
                ClientState.CLOSED,
                ClientState.IDLE,
                ClientState.BACKING_OFF,
                ClientState.CONNECTING,
                ClientState.DRAINING,
                ClientState.READY);
        return order.indexOf(one) >= order.indexOf(other) ? one : other;
    }

    /** Connects. The future completes when one connection is ready, or with a failure when all of them have failed. */
    public CompletableFuture<Boolean> connect() {
        var connected = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            var failed = new ArrayList<IOException>();
            for (ReconnectingConnection connection : connections) {
                try {
                    connection.connect(() -> connected.complete(true), failure -> {
                        failed.add(failure);
                        if (failed.size() == connections.size()) {
                            connected.completeExceptionally(failure);
                        }
                    });
                } catch (RuntimeException nobodyCan) {
                    connected.completeExceptionally(nobodyCan);
                }
            }
        });
        return connected;
    }

    /**
     * Sends a request.
     *
     * @param action null if the request names it itself, or has none
     * @param timeout zero for none
     */
    public CompletableFuture<Message> call(@Nullable String action, Message request, Duration timeout) {
        check(action);
        if (timeout.isNegative()) {
            return CompletableFuture.failedFuture(overBefore(timeout));
        }
        return plain ? plainCall(action, request, timeout) : fullCall(action, request, timeout);
    }

    /** Refuses an action that no call can have. */
    public static void check(@Nullable String action) {
        if (action != null && !ActionName.isValid(action)) {
            throw new IllegalArgumentException("'" + action + "' is not an action name; it must be " + ActionName.RULE);
        }
    }

    /**
     * Returns the failure of a call whose time was over before it began: the time may be what is left of another one.
     */
    private TimedOutException overBefore(Duration timeout) {
        String since = timeout.compareTo(LONG_OVER) > 0 ? Durations.text(timeout.negated()) : "long";
        return new TimedOutException(
                "no answer from " + address() + ": its time ended " + since + " before the call",
                CallException.Outcome.NOT_PROCESSED);
    }

    /** Returns a supplier of what is left of a time that begins now: it is above zero, or zero if there is no limit. */
    public Supplier<Duration> timeLeft(Duration timeout) {
        if (timeout.isZero()) {
            return () -> Duration.ZERO;
        }
        long beganNanos = loop.freshNanos();
        return () -> {
            Duration left = timeout.minusNanos(loop.freshNanos() - beganNanos);
            return left.isPositive() ? left : Duration.ofNanos(1);
        };
    }

    private CompletableFuture<Message> fullCall(@Nullable String action, Message request, Duration timeout) {
        var call = new Call(loop, action, request, timeout, this::cancelled);
        if (loop.isCurrent() && pick().takesCalls()) {
            begin(call);
        } else {
            handOver(call);
        }
        return call.response();
    }

    private void begin(Call call) {
        if (settings.retries()) {
            retries.begun();
            call.retryBy(retries);
        }
        submit(call);
    }

    private void handOver(Call call) {
        try {
            loop.execute(() -> begin(call));
        } catch (RejectedExecutionException e) {
            call.fail(ConnectionLoss.byClose(address()));
        }
    }

    /**
     * Makes a blocking call on a virtual thread, where filters may block too. Its future ends on the loop, as that of
     * any other call does, and to cancel it interrupts the thread.
     */
    public CompletableFuture<Message> apart(Callable<Message> call) {
        var done = new CompletableFuture<Message>();
        Thread own = Thread.startVirtualThread(() -> {
            try {
                done.complete(call.call());
            } catch (Throwable thrown) {
                done.completeExceptionally(thrown);
            }
        });
        var response = new Response(own::interrupt);
        var _ = done.whenComplete((answer, failure) -> onLoop(() -> {
            if (failure == null) {
                response.complete(answer);
            } else {
                response.completeExceptionally(failure);
            }
        }));
        return response;
    }

    /** Runs a task on the loop, or here if the loop is closed. */
    private void onLoop(Runnable task) {
        if (!loop.tryExecute(task)) {
            task.run();
        }
    }

    /** Submits an exchange to one of the connections; called on the loop's thread. */
    private void submit(ClientExchange exchange) {
        try {
            pick().submit(exchange);
        } catch (RuntimeException nobodyCan) {
            exchange.fail(nobodyCan);
        }
    }

    /** Returns the connection with the least to do, out of those that are ready if there are any. */
    private ReconnectingConnection pick() {
        ReconnectingConnection best = connections.getFirst();
        for (int i = 1; i < connections.size(); i++) {
            ReconnectingConnection next = connections.get(i);
            boolean better = isReady(next) == isReady(best) ? next.load() < best.load() : isReady(next);
            best = better ? next : best;
        }
        return best;
    }

    private static boolean isReady(ReconnectingConnection connection) {
        return connection.state() == ClientState.READY;
    }

    private void cancelled(ClientExchange exchange) {
        loop.tryExecute(() -> {
            ClientExchange.Taker has = exchange.taker();
            (has == null ? connections.getFirst() : has).cancelled(exchange);
        });
    }

    private CompletableFuture<Message> plainCall(@Nullable String action, Message request, Duration timeout) {
        Message carrying = action == null ? request : PlainForm.carryingAction(request, action);
        if (carrying == null) {
            throw new IllegalArgumentException(
                    "a plain request holds its action in its content: a JSON object that names no other action");
        }
        return plainCalls.start(address(), carrying, timeout, () -> {}).thenApply(response -> {
            String status = response.status().orElse("");
            if (!status.isEmpty()) {
                throw new CompletionException(RefusedException.of(address().toString(), action, status, response));
            }
            return response;
        });
    }

    /**
     * Opens a stream. If it cannot be opened, the stream itself reports why.
     *
     * @param action null if the first message names it itself
     * @param first the request; a mark if our values follow
     * @param sendsMore whether our own direction goes on after the first message
     * @param timeout for the whole stream; zero for none
     */
    public ClientStream open(@Nullable String action, Message first, boolean sendsMore, Duration timeout) {
        check(action);
        if (plain) {
            throw new IllegalArgumentException("a plain client has no streams: the tutorial's server has none");
        }
        Duration left = timeout.isNegative() ? Duration.ZERO : timeout;
        var stream = new StreamCall(loop, action, first, left, sendsMore, this::cancelled);
        if (timeout.isNegative()) {
            stream.fail(overBefore(timeout));
        } else if (!loop.tryExecute(() -> submit(stream))) {
            stream.fail(ConnectionLoss.byClose(address()));
        }
        return new ClientStream(stream.in(), stream.out(), stream::cancel);
    }

    /** Refuses to wait on the thread of a loop, which may be the very one that the response needs. */
    public static void checkMayBlock() {
        EventLoop.checkMayBlock(
                "a blocking call", "use callAsync(…), or a handler registered with on(…), which has a virtual thread");
    }

    /** Returns how many responses came too late. */
    public long lateResponses() {
        return lateResponses.sum();
    }

    /** Fails what is under way, and closes the client; to call it twice is harmless. */
    public void close() {
        plainCalls.close();
        if (loop.isCurrent()) {
            closeAll();
        } else if (!loop.tryExecute(this::closeAll)) {
            closeAll(); // the loop is closed, and nothing runs on it any more
        }
        if (ownsLoop) {
            loop.close();
        }
    }

    private void closeAll() {
        retries.close(ConnectionLoss.byClose(address()));
        connections.forEach(ReconnectingConnection::close);
        tellState();
    }
}
