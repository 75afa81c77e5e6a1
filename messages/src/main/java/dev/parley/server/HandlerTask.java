package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.link.CurrentExchange;
import dev.parley.link.Failures;
import dev.parley.link.StreamMessages;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.time.Timer;
import java.security.Principal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One request whose turn has come and whose handler runs on a virtual thread, with its deadline and its cancellation.
 * The handler's thread gets a message and returns a message. All other methods are called on the loop's thread, except
 * where a comment says otherwise.
 */
final class HandlerTask implements AuthorizedExchange, LoopStream, ExecutorTask {
    /** The owner of the task, which is notified on the loop's thread when the handler has returned. */
    interface Callbacks {
        /**
         * Called when the handler has returned. The response is null if the handler did not begin, or the request was
         * given up.
         */
        void returned(HandlerTask task, @Nullable Message response, @Nullable Throwable thrown);

        /** Called when {@link #returned} threw this exception. */
        void failed(HandlerTask task, Throwable thrown);

        /** Returns the keys of a request's header that pass to the calls of its handler. Any thread may call this. */
        List<String> passedOn();

        /** Returns the credentials that were accepted on the connection. Any thread may call this. */
        ConnectionCredentials credentials();

        /** Logs a failure that is not one of the handler itself. Any thread may call this. */
        void log(String where, Throwable thrown);
    }

    /** About thirty years. A longer time would overflow the clock. */
    private static final long MILLIS_MAX = 1_000_000_000_000L;

    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final LoopConnection connection;
    private final Message request;
    private final Route route;
    private final Callbacks owner;
    private final @Nullable ResponseSpace space;
    private final @Nullable RequestReport report;
    private final CancelHooks hooks = new CancelHooks();
    private final long deadlineNanos;
    private final long heldBytes;
    private volatile boolean cancelled;
    private volatile @Nullable Principal principal;
    private @Nullable Thread thread;
    private @Nullable Timer timer;
    private boolean answered;

    /** True if the handler of a stream on the loop has ended it. */
    private boolean completed;

    /** The task to run when a stream on the loop is completed, or null. Guarded by {@link #hooks}. */
    private @Nullable Runnable whenCompleted;

    private boolean inSeries;

    /**
     * The bytes of memory that are reserved for the response. This field and all fields below are passed from the
     * loop's thread to the handler's thread and back.
     */
    private int reservedBytes;

    private boolean tried;
    private boolean postponed;
    private int answerBytes;
    private @Nullable Message response;
    private @Nullable Throwable thrown;

    /**
     * Makes the task of a request, or of a stream.
     *
     * @param waitedNanos the time for which the request has waited for its turn since it was read
     * @param space where room for the response is reserved; null for a stream, since streams have limits of their own
     * @param report what is reported when the request is over; null if nothing is
     */
    HandlerTask(
            LoopConnection connection,
            Message request,
            Route route,
            Callbacks owner,
            long waitedNanos,
            @Nullable ResponseSpace space,
            @Nullable RequestReport report) {
        this.connection = connection;
        this.request = request;
        this.route = route;
        this.owner = owner;
        this.space = space;
        this.report = report;
        heldBytes = StreamMessages.heldBytes(request);
        deadlineNanos = deadlineNanos(request, loop(), waitedNanos);
    }

    /**
     * Returns the moment at which the client gives up, by the loop's clock, or {@link #NO_DEADLINE} if the client set
     * no timeout.
     */
    static long deadlineNanos(Message request, EventLoop loop, long waitedNanos) {
        long timeoutNanos = timeoutNanos(request);
        if (timeoutNanos < 0) {
            return NO_DEADLINE;
        }
        long deadlineNanos = loop.freshNanos() - waitedNanos + timeoutNanos;
        return deadlineNanos == NO_DEADLINE ? deadlineNanos - 1 : deadlineNanos; // the clock wraps around
    }

    /** Returns the timeout that the client set, in nanoseconds, or a negative number if it set none. */
    private static long timeoutNanos(Message request) {
        return Math.min(request.header().timeoutMillis(), MILLIS_MAX) * 1_000_000;
    }

    /** Returns the time that is left, or nothing if there is no deadline. */
    static Optional<Duration> timeLeft(long deadlineNanos, EventLoop loop) {
        return deadlineNanos == NO_DEADLINE
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(deadlineNanos - loop.freshNanos()));
    }

    /** Returns the delay of a timer that fires when the client gives up. */
    static Duration untilOver(Duration left) {
        return left.isNegative() ? Duration.ZERO : left;
    }

    Message request() {
        return request;
    }

    Route route() {
        return route;
    }

    /** Returns the report of this request, which ends with its response; null if there is none. */
    @Nullable
    RequestReport report() {
        return report;
    }

    /**
     * Returns the moment at which the request was read, by the loop's clock, if its client set a timeout. Otherwise
     * returns the present time, since then the moment does not matter.
     */
    long readNanos() {
        return deadlineNanos == NO_DEADLINE ? loop().freshNanos() : deadlineNanos - timeoutNanos(request);
    }

    /**
     * Reserves memory for the response. Returns false if there is no room. Called on the loop's thread or the handler's
     * thread.
     */
    boolean reserve() {
        if (space == null) {
            return true;
        }
        if (!tried && !route.sizes().isKnown()) {
            tried = space.mayTry(route.sizes(), loop().freshNanos());
            if (!tried) {
                return false;
            }
        }
        int reserved = space.reserve(route.sizes(), reservedBytes);
        if (reserved < 0) {
            stopTrying();
            return false;
        }
        reservedBytes = reserved;
        return true;
    }

    /** Makes this task one of the {@link SerialRequests}. Their thread reserves the memory before it runs the task. */
    void inSeries() {
        inSeries = true;
    }

    /**
     * Returns true if the request is already cancelled, or if there is room for its response. Called on the thread of
     * the series.
     */
    boolean mayBeginInSeries() {
        return cancelled || reserve();
    }

    @Override
    public void letGo() {
        if (space != null) {
            space.taken(answerBytes, reservedBytes);
            answerBytes = 0;
            reservedBytes = 0;
            stopTrying();
        }
    }

    private void stopTrying() {
        if (tried) {
            tried = false;
            route.sizes().tried();
        }
    }

    /**
     * Returns true if the handler did not begin because there was no room for its response, and the request is not
     * answered yet.
     */
    boolean isPostponed() {
        return postponed && !answered;
    }

    /**
     * Returns an estimate of the memory that the task takes, in bytes, without the memory that its handler allocates.
     */
    long heldBytes() {
        return heldBytes;
    }

    /** Returns true if the client wants no response. */
    boolean isOneWay() {
        return request.header().isOneWay();
    }

    @Override
    public EventLoop loop() {
        return connection.loop();
    }

    /** Starts the handler on a virtual thread of its own. Called on the loop's thread. */
    void start(HandlerExecutor executor, Runnable whenOverdue) {
        if (deadlineNanos != NO_DEADLINE) {
            timer = loop().schedule(untilOver(timeLeft().orElseThrow()), whenOverdue);
        }
        thread = executor.start(
                "parley-" + connection.id() + "-" + request.header().id(),
                () -> executor.handle(this, executor.nanos()),
                why -> {
                    notStarted(why);
                    HandlerExecutor.takeBack(this);
                });
    }

    /**
     * Runs the handler of a stream on the loop. The handler returns at once, and ends the stream by {@link #complete}.
     * Called on the loop's thread.
     *
     * @param begin calls the handler
     */
    void runOnLoop(StreamWork begin, StreamReceiver in, StreamSender out, Runnable whenOverdue) {
        if (deadlineNanos != NO_DEADLINE) {
            timer = loop().schedule(untilOver(timeLeft().orElseThrow()), whenOverdue);
        }
        CurrentExchange.OfLoop current = CurrentExchange.of(loop());
        current.set(this);
        try {
            Message answer = begin.handle(in, out, this);
            if (answer != null) {
                complete(answer, null); // a filter has answered the stream itself
            }
        } catch (Throwable failure) {
            complete(null, failure);
        } finally {
            current.set(null);
        }
    }

    @Override
    public void complete(@Nullable Message last, @Nullable Throwable failure) {
        if (!loop().isCurrent()) {
            if (!loop().tryExecute(() -> complete(last, failure))) {
                runWhenCompleted();
            }
        } else if (!completed) {
            completed = true;
            runWhenCompleted();
            thrown = failure == null ? null : Failures.unwrapped(failure);
            response = thrown == null ? last : ErrorResponses.of(thrown);
            HandlerExecutor.takeBack(this);
        }
    }

    @Override
    public void whenCompleted(Runnable task) {
        synchronized (hooks) {
            Runnable before = whenCompleted;
            whenCompleted = before == null ? task : FilterChain.inTurn(before, task);
        }
        if (completed) {
            runWhenCompleted();
        }
    }

    private void runWhenCompleted() {
        Runnable task;
        synchronized (hooks) {
            task = whenCompleted;
            whenCompleted = null;
        }
        try {
            if (task != null) {
                task.run();
            }
        } catch (Throwable failure) {
            owner.log("what a filter runs at the end of a stream failed" + onConnection(), failure);
        }
    }

    /**
     * Makes the response an error, because no thread could be created or started. Called on the loop's thread, before
     * the task is passed back.
     */
    void notStarted(Throwable why) {
        owner.log("no thread could be made for a request" + onConnection(), why);
        response = ErrorResponses.of(ErrorCode.BUSY, "no thread could be started for the handler");
    }

    /** Handles the request, if there is still room for its response. Called on the handler's thread. */
    @Override
    public void run() {
        if (cancelled) {
            return;
        }
        if (!inSeries && !reserve()) {
            postponed = true;
            return;
        }
        handle();
    }

    private void handle() {
        try {
            response = Objects.requireNonNull(
                    CurrentExchange.call(this, () -> route.handler().handle(request, this)),
                    "the handler returned null");
            answered(response);
        } catch (Throwable failure) {
            thrown = Failures.unwrapped(failure);
            response = ErrorResponses.of(thrown);
        }
    }

    private void answered(Message answer) {
        int bytes = answer.contentLength();
        if (cancelled) {
            response = null; // no one waits for the response, and it may be large
        } else if (space != null) {
            answerBytes = bytes;
            reservedBytes = space.finished(bytes, reservedBytes);
            if (route.sizes().isNew(bytes)) {
                route.sizes().add(bytes, loop().freshNanos());
            }
        }
    }

    @Override
    public void notifyReturned() {
        owner.returned(this, response, thrown);
    }

    @Override
    public void notifyFailed(Throwable failure) {
        owner.failed(this, failure);
    }

    /** Notifies the handler that no one waits for its response any more. Called on the loop's thread. */
    void cancel() {
        cancelled = true;
        stopTimer();
        hooks.cancelled(this::runHook, this::hookFailed);
        if (thread != null && route.interrupts()) {
            thread.interrupt();
        }
    }

    @Override
    public void onCancel(Runnable hook) {
        hooks.add(hook, this::runHook);
    }

    @Override
    public Runnable addCall(Runnable giveUp) {
        return hooks.addCall(giveUp);
    }

    @Override
    public Map<String, Object> passedOn() {
        return passedOn(request.header(), owner.passedOn());
    }

    /** Returns those of these keys that a header has, with their values. */
    static Map<String, Object> passedOn(Header header, List<String> keys) {
        Map<String, Object> passed = Map.of();
        for (String key : keys) {
            Object value = header.others().get(key);
            if (value != null) {
                passed = passed.isEmpty() ? new LinkedHashMap<>() : passed;
                passed.put(key, value);
            }
        }
        return passed;
    }

    @Override
    public ConnectionCredentials credentials() {
        return owner.credentials();
    }

    @Override
    public void accept(Principal accepted) {
        principal = accepted;
    }

    @Override
    public Optional<Principal> principal() {
        return Optional.ofNullable(principal);
    }

    /** Returns true if this is a request of one of these principals. Any thread may call this. */
    boolean isOf(Predicate<? super Principal> principals) {
        Principal now = principal;
        return now != null && principals.test(now);
    }

    @Override
    public <T extends @Nullable Object> T call(Callable<T> task) throws Exception {
        return CurrentExchange.call(this, task::call);
    }

    @Override
    public boolean mayPass() {
        return true;
    }

    private void hookFailed(Throwable failure) {
        owner.log("a task registered for the cancellation of a request failed" + onConnection(), failure);
    }

    private String onConnection() {
        return " on connection " + connection.id() + " with " + connection.peerText();
    }

    /**
     * Runs a hook on a thread of its own. A hook may block, so the loop must not run it, and the handler's thread may
     * be busy for long.
     */
    private void runHook(Runnable hook) {
        String name = "parley-" + connection.id() + "-" + request.header().id() + "-cancelled";
        Thread.ofVirtual().name(name).start(() -> {
            try {
                hook.run();
            } catch (Throwable failure) {
                hookFailed(failure);
            }
        });
    }

    /** Ends the request without a response, if it is not answered yet. Called on the loop's thread. */
    void giveUp() {
        if (answer()) {
            cancel();
            RequestReport.lost(report);
        }
    }

    /** Marks the request as answered. Returns true if it was not answered before. Called on the loop's thread. */
    boolean answer() {
        boolean first = !answered;
        answered = true;
        stopTimer();
        return first;
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    @Override
    public ConnectionInfo connection() {
        return connection;
    }

    @Override
    public Header header() {
        return request.header();
    }

    @Override
    public Optional<Duration> timeLeft() {
        return timeLeft(deadlineNanos, loop());
    }

    @Override
    public boolean isCancelled() {
        // The loop's timer notices only in its next turn that the time is over.
        return cancelled || timeLeft().filter(left -> !left.isPositive()).isPresent();
    }
}
