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
 * The core of a client, which decides on which connection a call is sent. Blocking calls, stages and streams are built
 * on it. A {@link FullCallDispatcher} multiplexes the calls over connections that it keeps open. A {@link
 * PlainCallDispatcher} opens a connection for each call, as the tutorial's client does. Any thread may use it.
 */
public abstract sealed class CallDispatcher permits FullCallDispatcher, PlainCallDispatcher {
    /** If a time was over more than 1,000 days before the call, the error text only says "long". */
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

    /** Returns the state of the client, which is the best state of its connections. */
    public abstract ClientState state();

    /**
     * Sends a request.
     *
     * @param action the name of the action; null if the request already contains it, or has no action
     * @param timeout the longest time to wait; zero for no limit
     */
    public CompletableFuture<Message> call(@Nullable String action, Message request, Duration timeout) {
        check(action);
        return timeout.isNegative()
                ? CompletableFuture.failedFuture(overBefore(timeout))
                : start(action, request, timeout);
    }

    /** Starts a call. The action and the timeout were already checked. */
    abstract CompletableFuture<Message> start(@Nullable String action, Message request, Duration timeout);

    /**
     * Opens a stream. If the stream cannot be opened, the methods of the returned stream throw the reason.
     *
     * @param action the name of the action; null if the first message already contains it
     * @param first the first message: the request, or a mark if values of this client follow
     * @param sendsMore whether our own direction goes on after the first message
     * @param timeout the longest time for the whole stream; zero for no limit
     * @throws IllegalArgumentException if the name of the action is not valid, or this is a plain client
     */
    public abstract ClientStream open(@Nullable String action, Message first, boolean sendsMore, Duration timeout);

    /** Returns the number of responses that arrived after their calls had ended. */
    public abstract long lateResponses();

    /** Closes the client. The calls under way fail. A second call of this method has no effect. */
    public void close() {
        closeCalls();
        if (ownsLoop) {
            loop.close();
        }
    }

    /** Fails the calls that are under way, and all later calls. */
    abstract void closeCalls();

    /** Throws if the name of the action is not valid. */
    public static void check(@Nullable String action) {
        if (action != null && !ActionName.isValid(action)) {
            throw new IllegalArgumentException("'" + action + "' is not an action name; it must be " + ActionName.RULE);
        }
    }

    /**
     * Returns the failure of a call whose timeout is negative. For example, a timeout is negative if it is what is left
     * of a longer time, and that time is over.
     */
    TimedOutException overBefore(Duration timeout) {
        String since = timeout.compareTo(LONG_OVER) > 0 ? Durations.text(timeout.negated()) : "long";
        return new TimedOutException(
                "no answer from " + address() + ": its time ended " + since + " before the call",
                CallException.Outcome.NOT_PROCESSED);
    }

    /**
     * Returns a supplier of the rest of a timeout that begins now. The rest is always above zero, even if the time is
     * over, since zero means no limit. If the timeout is zero, the rest is zero.
     */
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
     * Makes a blocking call on a virtual thread, so that filters may block too. The returned future completes on the
     * loop, like the future of any other call. If the future is cancelled, the virtual thread is interrupted.
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

    /** Runs a task on the loop. If the loop is closed, runs it on the calling thread. */
    private void onLoop(Runnable task) {
        if (!loop.tryExecute(task)) {
            task.run();
        }
    }

    /** Throws if the calling thread is the thread of a loop, since the response may need that loop. */
    public static void checkMayBlock() {
        EventLoop.checkMayBlock(
                "a blocking call", "use callAsync(…), or a handler registered with on(…), which has a virtual thread");
    }
}
