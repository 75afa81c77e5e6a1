package dev.parley.client;

import dev.parley.CallException;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.names.ActionName;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.text.Durations;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The core of a client, on which blocking calls, stages and streams are built: it decides what becomes of a call. A
 * {@link FullCallDispatcher} multiplexes calls over connections that it keeps, and a {@link PlainCallDispatcher} makes
 * each as the tutorial's client does. Any thread may use it.
 */
public abstract sealed class CallDispatcher permits FullCallDispatcher, PlainCallDispatcher {
    /** A time that was over longer ago than this is reported as "long": no one needs to know how long. */
    private static final Duration LONG_OVER = Duration.ofDays(-1_000);

    final EventLoop loop;
    private final boolean ownsLoop;
    final ClientSettings settings;

    CallDispatcher(EventLoop loop, boolean ownsLoop, ClientSettings settings) {
        this.loop = loop;
        this.ownsLoop = ownsLoop;
        this.settings = settings;
    }

    /** Returns the first address of the server. */
    public Address address() {
        return settings.addresses().getFirst();
    }

    /** Returns the state of the best of its connections. */
    public abstract ClientState state();

    /**
     * Sends a request.
     *
     * @param action null if the request names it itself, or has none
     * @param timeout zero for none
     */
    public CompletableFuture<Message> call(@Nullable String action, Message request, Duration timeout) {
        check(action);
        return timeout.isNegative()
                ? CompletableFuture.failedFuture(overBefore(timeout))
                : start(action, request, timeout);
    }

    /** Starts a call whose action and time are valid. */
    abstract CompletableFuture<Message> start(@Nullable String action, Message request, Duration timeout);

    /**
     * Opens a stream. If it cannot be opened, the stream itself reports why.
     *
     * @param action null if the first message names it itself
     * @param first the request; a mark if our values follow
     * @param sendsMore whether our own direction goes on after the first message
     * @param timeout for the whole stream; zero for none
     * @throws IllegalArgumentException if no call can have the action, or the server knows no streams
     */
    public abstract ClientStream open(@Nullable String action, Message first, boolean sendsMore, Duration timeout);

    /** Returns how many responses came too late. */
    public abstract long lateResponses();

    /** Fails what is under way, and closes the client; to call it twice is harmless. */
    public void close() {
        closeCalls();
        if (ownsLoop) {
            loop.close();
        }
    }

    /** Fails the calls that are under way, and all that follow. */
    abstract void closeCalls();

    /** Refuses an action that no call can have. */
    public static void check(@Nullable String action) {
        if (action != null && !ActionName.isValid(action)) {
            throw new IllegalArgumentException("'" + action + "' is not an action name; it must be " + ActionName.RULE);
        }
    }

    /**
     * Returns the failure of a call whose time was over before it began: the time may be what is left of another one.
     */
    TimedOutException overBefore(Duration timeout) {
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

    /** Refuses to wait on the thread of a loop, which may be the very one that the response needs. */
    public static void checkMayBlock() {
        EventLoop.checkMayBlock(
                "a blocking call", "use callAsync(…), or a handler registered with on(…), which has a virtual thread");
    }
}
