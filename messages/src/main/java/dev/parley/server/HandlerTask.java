package dev.parley.server;

import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.link.StreamMessages;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.time.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request whose handler runs on a virtual thread. The handler's thread works on a message and returns one;
 * everything else belongs to the loop's thread.
 */
final class HandlerTask implements Exchange, ExecutorTask {
    /** The owner of the task, which is notified on the loop's thread when the handler has returned. */
    interface Owner {
        /**
         * Takes what the handler returned. The response is null if the handler did not begin, or the request was given
         * up.
         */
        void returned(HandlerTask task, @Nullable Message response, @Nullable Throwable thrown);

        /** Takes note that the handling of the response threw this. */
        void failed(HandlerTask task, Throwable thrown);

        /** Takes note that one of the handler's cancel hooks threw this; called on any thread. */
        void hookFailed(HandlerTask task, Throwable thrown);
    }

    /** About thirty years: a longer time would overflow the clock. */
    private static final long MILLIS_MAX = 1_000_000_000_000L;

    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final LoopConnection connection;
    private final Message request;
    private final Route route;
    private final Owner owner;
    private final @Nullable ResponseSpace space;
    private final CancelHooks hooks = new CancelHooks();
    private final long deadlineNanos;
    private volatile boolean cancelled;
    private @Nullable Thread thread;
    private @Nullable Timer timer;
    private boolean answered;
    private boolean inSeries;

    /**
     * The memory that is reserved for its response. It is handed from the loop's thread to the handler's and back, as
     * all fields below.
     */
    private int reservedBytes;

    private boolean tried;
    private boolean postponed;
    private int answerBytes;
    private @Nullable Message response;
    private @Nullable Throwable thrown;

    /** Makes the task of a stream, which has bounds of its own. */
    HandlerTask(LoopConnection connection, Message request, Route route, Owner owner) {
        this(connection, request, route, owner, 0, null);
    }

    /**
     * Makes the task of a request that was read so long ago, and has waited for its turn since.
     *
     * @param space where its response needs room; null if it does not
     */
    HandlerTask(
            LoopConnection connection,
            Message request,
            Route route,
            Owner owner,
            long waitedNanos,
            @Nullable ResponseSpace space) {
        this.connection = connection;
        this.request = request;
        this.route = route;
        this.owner = owner;
        this.space = space;
        deadlineNanos = deadlineNanos(request, loop(), waitedNanos);
    }

    /** Returns when the client gives up, by the loop's clock; {@link #NO_DEADLINE} if the client does not say. */
    static long deadlineNanos(Message request, EventLoop loop, long waitedNanos) {
        long timeoutNanos = timeoutNanos(request);
        if (timeoutNanos < 0) {
            return NO_DEADLINE;
        }
        long deadlineNanos = loop.freshNanos() - waitedNanos + timeoutNanos;
        return deadlineNanos == NO_DEADLINE ? deadlineNanos - 1 : deadlineNanos; // the clock wraps around
    }

    /** Returns the time that the client gives the request; negative if it gives none. */
    private static long timeoutNanos(Message request) {
        return Math.min(request.header().timeoutMillis(), MILLIS_MAX) * 1_000_000;
    }

    /**
     * Returns the time that is left. It is never zero: a client that the time is passed on to takes zero for no limit.
     */
    static Optional<Duration> timeLeft(long deadlineNanos, EventLoop loop) {
        if (deadlineNanos == NO_DEADLINE) {
            return Optional.empty();
        }
        long leftNanos = deadlineNanos - loop.freshNanos();
        return Optional.of(Duration.ofNanos(leftNanos == 0 ? -1 : leftNanos));
    }

    /** Returns how long a timer runs that fires when the client gives up. */
    static Duration untilOver(Duration left) {
        return left.isNegative() ? Duration.ZERO : left;
    }

    Message request() {
        return request;
    }

    Route route() {
        return route;
    }

    /**
     * Returns when the request was read, by the loop's clock, if its client gives it a time; else the present time, as
     * it may wait for any time from now on.
     */
    long readNanos() {
        return deadlineNanos == NO_DEADLINE ? loop().freshNanos() : deadlineNanos - timeoutNanos(request);
    }

    /**
     * Reserves memory for the response. Returns false if there is no room; called on the loop's thread or the
     * handler's.
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

    /** Makes it one of several tasks on one thread, which looks for room itself. */
    void inSeries() {
        inSeries = true;
    }

    /** Returns true if it is over already, or there is room for its response; called on the thread of the series. */
    boolean mayBeginInSeries() {
        return cancelled || reserve();
    }

    /** Gives back the reserved memory; called on the loop's thread, when it has the task back. */
    void letGo() {
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
     * Returns true if the handler did not begin, as there was no room for its response, and someone still waits for it.
     */
    boolean isPostponed() {
        return postponed && !answered;
    }

    /** Returns about how much memory the task takes, without what its handler takes itself. */
    int heldBytes() {
        return request.contentLength() + StreamMessages.OBJECTS_BYTES;
    }

    /** Returns true if the client wants no response. */
    boolean isOneWay() {
        return request.header().isOneWay();
    }

    private EventLoop loop() {
        return connection.loop();
    }

    /** Starts the handler on a virtual thread of its own; called on the loop's thread. */
    void start(HandlerExecutor executor, Runnable whenOverdue) {
        if (deadlineNanos != NO_DEADLINE) {
            timer = loop().schedule(untilOver(timeLeft().orElseThrow()), whenOverdue);
        }
        thread = executor.start(
                "parley-" + connection.id() + "-" + request.header().id(),
                () -> executor.handle(this, executor.nanos()),
                this::notStarted);
    }

    /** Answers with an error, as no thread could be made or started; called on the loop's thread. */
    void notStarted(Throwable why) {
        thrown = why;
        response = ErrorResponses.of(ErrorCode.BUSY, "no thread could be started for the handler");
        tellReturned();
    }

    /** Has the request handled, if there is room for its response by now; called on the handler's thread. */
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
            response = Objects.requireNonNull(route.handler().handle(request, this), "the handler returned null");
            answered(response);
        } catch (Throwable failure) {
            thrown = failure;
            response = ErrorResponses.of(failure);
        }
    }

    private void answered(Message answer) {
        int bytes = answer.contentLength();
        if (cancelled) {
            response = null; // no one waits for it, and it may be large
        } else if (space != null) {
            answerBytes = bytes;
            reservedBytes = space.finished(bytes, reservedBytes);
            if (route.sizes().isNew(bytes)) {
                route.sizes().add(bytes, loop().freshNanos());
            }
        }
    }

    @Override
    public void tellReturned() {
        owner.returned(this, response, thrown);
    }

    @Override
    public void tellFailed(Throwable failure) {
        owner.failed(this, failure);
    }

    /** Notifies the handler that no one waits for its response any more; called on the loop's thread. */
    void cancel() {
        cancelled = true;
        stopTimer();
        hooks.cancelled(this::runHook);
        if (thread != null && route.interrupts()) {
            thread.interrupt();
        }
    }

    @Override
    public void onCancel(Runnable hook) {
        hooks.add(hook, this::runHook);
    }

    /** Returns what a hook is called in the log. */
    String hookName() {
        return "what was to run on the cancel of a request on connection " + connection.id() + " with "
                + connection.peerAddress();
    }

    /**
     * Runs a hook on a thread of its own: a hook may block, so the loop must not run it; and the handler's thread may
     * be busy for long.
     */
    private void runHook(Runnable hook) {
        String name = "parley-" + connection.id() + "-" + request.header().id() + "-cancelled";
        Thread.ofVirtual().name(name).start(() -> {
            try {
                hook.run();
            } catch (Throwable thrown) {
                owner.hookFailed(this, thrown);
            }
        });
    }

    /** Ends the request without a response, unless it has one; called on the loop's thread. */
    void giveUp() {
        if (answer()) {
            cancel();
        }
    }

    /**
     * Marks the request as answered. Returns true if this is the response that counts, the first one. Called on the
     * loop's thread.
     */
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
        return cancelled;
    }
}
