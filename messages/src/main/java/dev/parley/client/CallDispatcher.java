package dev.parley.client;

import dev.parley.CallException;
import dev.parley.CallFilter;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.link.Failures;
import dev.parley.names.ActionName;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.text.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The core of a client, which decides on which connection a call is sent. Blocking calls, stages and streams are built
 * on it. A {@link FullCallDispatcher} multiplexes the calls over connections that it keeps open. A {@link
 * PlainCallDispatcher} opens a connection for each call, as the tutorial's client does. Any thread may use it.
 */
public abstract class CallDispatcher {
    /** The time between two checks of a drain if calls are under way. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);

    /** If a time was over more than 1,000 days before the call, the error text only says "long". */
    private static final Duration LONG_OVER = Duration.ofDays(-1_000);

    private static final LoopObserver LOG = LoopObserver.guarded(LoopObserver.logging());

    final EventLoop loop;
    final ClientSettings settings;
    private final Runnable atClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The number of filtered calls and streams, minus the number of their attempts, which are counted elsewhere. */
    private final AtomicInteger inFilters = new AtomicInteger();

    /** The calls and streams whose filters have not ended. */
    private final Set<Filtered> filtered = ConcurrentHashMap.newKeySet();

    /** The drains under way. Each completes when it has ended. */
    private final Queue<CompletableFuture<Integer>> drains = new ConcurrentLinkedQueue<>();

    private volatile boolean draining;
    private volatile boolean ended;

    /** A call or stream with filters around it. */
    interface Filtered {
        /** Fails it, because the client or its loop is closed. Any thread may call this. */
        void clientClosed();
    }

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
        if (takesNoCalls()) {
            return inTaskOfItsOwn(CompletableFuture.failedFuture(ConnectionLoss.byClose(address())));
        }
        if (setup.timeout().isNegative()) {
            return inTaskOfItsOwn(CompletableFuture.failedFuture(overBefore(setup.timeout())));
        }
        List<CallFilter> filters = settings.filters();
        return filters.isEmpty() ? attempt(setup) : inTaskOfItsOwn(new FilteredCall(this, setup).start(filters));
    }

    /** Makes a call without the filters. The action and the timeout were already checked. */
    CompletableFuture<Message> attempt(CallSetup setup) {
        return inTaskOfItsOwn(start(setup));
    }

    /**
     * Returns the answer itself if it is still to come. If it is there already, and this is the loop's thread, returns
     * another future, which gets it in a later task of the loop. If the user's code reacts to a failure with another
     * call, it must not run inside the method that makes the call: the stack would become deeper each time.
     */
    private CompletableFuture<Message> inTaskOfItsOwn(CompletableFuture<Message> answer) {
        if (!answer.isDone() || !loop.isCurrent()) {
            return answer;
        }
        var later = new CompletableFuture<Message>();
        Runnable task = () -> {
            var _ = answer.whenComplete((message, failure) -> {
                if (failure == null) {
                    later.complete(message);
                } else {
                    later.completeExceptionally(Failures.unwrapped(failure));
                }
            });
        };
        if (!loop.tryExecute(task)) {
            task.run(); // the loop is being closed
        }
        return later;
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
        drains.add(report);
        draining = true;
        var _ = report.whenComplete((left, failure) -> drains.removeIf(CompletableFuture::isDone));
        if (!loop.tryExecute(() -> lookAgain(loop.freshNanos() + Durations.nanos(grace), report))) {
            report.complete(0);
        }
        return report;
    }

    private void lookAgain(long endNanos, CompletableFuture<Integer> report) {
        int left = underWay() + inFilters();
        if (left > 0 && !ended && endNanos - loop.freshNanos() > 0) {
            loop.schedule(LOOK_EVERY, () -> lookAgain(endNanos, report));
        } else {
            report.complete(left);
        }
    }

    /** Returns the number of calls and streams that are in a filter now. */
    int inFilters() {
        return inFilters.get();
    }

    /** Called before the filters of a call or stream begin, which ends with the client from now on. */
    void begun(Filtered call) {
        filtered.add(call);
    }

    /** Called when a call or stream with filters has ended. */
    void over(Filtered call) {
        filtered.remove(call);
    }

    /** Returns true if the client or its loop is closed. */
    boolean hasEnded() {
        return ended;
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

    /** Returns true from the beginning of a drain on, or if the client or its loop is closed. */
    boolean takesNoCalls() {
        return draining || ended;
    }

    /**
     * Called when the calls and streams under way have failed, since the client or the loop is closed. Fails those that
     * are still in a filter, and ends the drains.
     *
     * @param left the number of calls and streams that have failed
     */
    void callsClosed(int left) {
        filtered.forEach(Filtered::clientClosed);
        drains.forEach(report -> report.complete(left));
    }

    /** Passes a state to the user's observer. If that throws an exception, nothing else is affected. */
    void notifyWatcher(ClientState.Change change) {
        try {
            settings.watcher().accept(change);
        } catch (Throwable thrown) {
            LOG.failed("the observer of a client's state threw", thrown);
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

    /** Ends the calls and the drains. Called when the client or the loop is closed. Any thread may call this. */
    void end() {
        ended = true;
        if (loop.isCurrent() || !loop.tryExecute(this::closeCalls)) {
            closeCalls();
        }
    }

    /**
     * Fails the calls that are under way, and all later calls. Then calls {@link #callsClosed}. Called on the loop's
     * thread, or on any thread if the loop is closed.
     */
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
