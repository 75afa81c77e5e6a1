package dev.parley.client;

import dev.parley.CallException;
import dev.parley.CallFilter;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.names.ActionName;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.text.Durations;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The core of a client, which decides on which connection a call is sent. Blocking calls, stages and streams are built
 * on it. A {@link FullCallDispatcher} multiplexes the calls over connections that it keeps open. A {@link
 * PlainCallDispatcher} opens a connection for each call, as the tutorial's client does. Any thread may use it.
 */
public abstract sealed class CallDispatcher permits FullCallDispatcher, PlainCallDispatcher {
    /** How often a drain looks whether calls are under way. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);

    /** If a time was over more than 1,000 days before the call, the error text only says "long". */
    private static final Duration LONG_OVER = Duration.ofDays(-1_000);

    final EventLoop loop;
    final ClientSettings settings;
    private final Runnable atClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The number of filtered calls and streams, minus the number of their attempts, which are counted elsewhere. */
    private final AtomicInteger inFilters = new AtomicInteger();

    /** Completes when a drain has ended. Null if none has begun. */
    private volatile @Nullable CompletableFuture<Integer> drain;

    /** Makes the core of a client. The task is run once, when the client is closed, after the end of its calls. */
    CallDispatcher(EventLoop loop, ClientSettings settings, Runnable atClose) {
        this.loop = loop;
        this.settings = settings;
        this.atClose = atClose;
    }

    /** Returns the loop of the client's connections. */
    public EventLoop loop() {
        return loop;
    }

    /** Returns the first address of the server. */
    public Address address() {
        return settings.addresses().getFirst();
    }

    /** Returns the state of the client, which is the best state of its connections. */
    public abstract ClientState state();

    /**
     * Makes a call, through the filters of the client.
     *
     * @throws IllegalArgumentException if the name of the action is not valid, or the client cannot make this call
     */
    public CompletableFuture<Message> call(CallSetup setup) {
        check(setup.action());
        if (isDraining()) {
            return CompletableFuture.failedFuture(ConnectionLoss.byClose(address()));
        }
        if (setup.timeout().isNegative()) {
            return CompletableFuture.failedFuture(overBefore(setup.timeout()));
        }
        List<CallFilter> filters = settings.filters();
        return filters.isEmpty() ? start(setup) : new FilteredCall(this, setup).start(filters);
    }

    /** Starts a call. The action and the timeout were already checked, and the filters have passed it on. */
    abstract CompletableFuture<Message> start(CallSetup setup);

    /**
     * Opens a stream. If the stream cannot be opened, the methods of the returned stream throw the reason.
     *
     * @param setup its request is the first message: the request, or a mark if values of this client follow
     * @param sendsMore whether our own direction goes on after the first message
     * @throws IllegalArgumentException if the name of the action is not valid, or this is a plain client
     */
    public abstract ClientStream open(CallSetup setup, boolean sendsMore);

    /** Returns the number of responses that arrived after their calls had ended. */
    public abstract long lateResponses();

    /** Connects at once, if the client is waiting before its next attempt to connect. Any thread may call it. */
    public abstract void reconnectNow();

    /** Returns the number of calls and streams that wait or are under way. Called on the loop's thread. */
    abstract int underWay();

    /**
     * Refuses new calls, and waits for the end of those that are under way.
     *
     * @return completes with the number of calls and streams that are still under way after this time
     */
    public CompletableFuture<Integer> drain(Duration grace) {
        var report = new CompletableFuture<Integer>();
        drain = report;
        if (!loop.tryExecute(() -> lookAgain(loop.freshNanos() + Durations.nanos(grace), report))) {
            report.complete(0);
        }
        return report;
    }

    private void lookAgain(long endNanos, CompletableFuture<Integer> report) {
        int left = underWay() + inFilters.get();
        if (left > 0 && endNanos - loop.freshNanos() > 0) {
            loop.schedule(LOOK_EVERY, () -> lookAgain(endNanos, report));
        } else {
            report.complete(left);
        }
    }

    /** Called when the filters of a call begin, and when an attempt has ended. Any thread may call this. */
    void entersFilters() {
        inFilters.incrementAndGet();
    }

    /**
     * Called when an attempt has begun, and when the filters have ended. It counts on the loop, where the attempt is
     * counted first, so that a drain does not miss it in between. Any thread may call this.
     */
    void leavesFilters() {
        if (!loop.tryExecute(inFilters::decrementAndGet)) {
            inFilters.decrementAndGet();
        }
    }

    /** Returns true from the beginning of a drain on. */
    boolean isDraining() {
        return drain != null;
    }

    /** Ends a drain early, if there is one. Called when the client or the loop is closed. */
    void drained(int left) {
        CompletableFuture<Integer> report = drain;
        if (report != null) {
            report.complete(left);
        }
    }

    /** Closes the client. The calls under way fail. A second call of this method has no effect. */
    public void close() {
        end();
        OpenClients.remove(this);
        if (closed.compareAndSet(false, true)) {
            atClose.run();
        }
    }

    /** Ends the calls and a drain. Called when the client is closed, and on the thread of the loop when that is. */
    void end() {
        closeCalls();
        drained(0);
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

    /** Throws if the calling thread is the thread of a loop, since the response may need that loop. */
    public static void checkMayBlock() {
        EventLoop.checkMayBlock(
                "a blocking call", "use callAsync(…), or a handler registered with on(…), which has a virtual thread");
    }
}
