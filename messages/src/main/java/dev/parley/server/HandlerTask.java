package dev.parley.server;

import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.link.StreamMessages;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request whose handler runs on a virtual thread. The handler's thread works on a message and gives one back; all
 * else belongs to the loop's thread.
 */
final class HandlerTask implements Exchange, ExecutorTask {
    /** Who is told on the loop when the handler has returned. */
    interface Owner {
        /** The response is null where the request was given up before its handler began. */
        void returned(HandlerTask task, @Nullable Message response, @Nullable Throwable thrown);

        /** What was to become of its answer threw this. */
        void failed(HandlerTask task, Throwable thrown);

        /** A hook of its handler's threw this; any thread. */
        void hookFailed(HandlerTask task, Throwable thrown);
    }

    /** Some thirty years: more would pass the clock on the other side. */
    private static final long MILLIS_MAX = 1_000_000_000_000L;

    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final LoopConnection connection;
    private final Message request;
    private final Route route;
    private final Owner owner;
    private final @Nullable ResponseSpace space;
    private final CancelHooks hooks = new CancelHooks();
    private final long readNanos;
    private final long deadlineNanos;
    private volatile boolean cancelled;
    private @Nullable Thread thread;
    private @Nullable Timer timer;
    private boolean answered;
    private boolean inSeries;

    /** What is set aside for its answer; handed from the loop's thread to the handler's and back, as all below. */
    private int reservedBytes;

    private boolean tried;
    private boolean postponed;
    private int answerBytes;
    private @Nullable Message response;
    private @Nullable Throwable thrown;

    /** The one of a stream, which has bounds of its own. */
    HandlerTask(LoopConnection connection, Message request, Route route, Owner owner) {
        this(connection, request, route, owner, 0, null);
    }

    /**
     * One that was read so long ago, and waited for its turn since.
     *
     * @param space where its answer needs room; null if it does not
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
        readNanos = loop().freshNanos() - waitedNanos;
        deadlineNanos = deadlineNanos(request, loop(), waitedNanos);
    }

    /** When the client gives up, by the loop's clock; {@link #NO_DEADLINE} where it does not say. */
    static long deadlineNanos(Message request, EventLoop loop, long waitedNanos) {
        long millis = request.header().timeoutMillis();
        if (millis < 0) {
            return NO_DEADLINE;
        }
        long deadlineNanos = loop.freshNanos() - waitedNanos + Math.min(millis, MILLIS_MAX) * 1_000_000;
        return deadlineNanos == NO_DEADLINE ? deadlineNanos - 1 : deadlineNanos; // the clock wraps around
    }

    /** Never zero, which is no limit to a client that it is handed on to. */
    static Optional<Duration> timeLeft(long deadlineNanos, EventLoop loop) {
        if (deadlineNanos == NO_DEADLINE) {
            return Optional.empty();
        }
        long leftNanos = deadlineNanos - loop.freshNanos();
        return Optional.of(Duration.ofNanos(leftNanos == 0 ? -1 : leftNanos));
    }

    /** How long a timer runs that fires when the client gives up. */
    static Duration untilOver(Duration left) {
        return left.isNegative() ? Duration.ZERO : left;
    }

    Message request() {
        return request;
    }

    Route route() {
        return route;
    }

    /** When it was read, by the loop's clock. */
    long readNanos() {
        return readNanos;
    }

    /** Sets memory aside for its answer, if there is room; the loop's thread or its handler's. */
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

    /** It is one of several on one thread, which looks for room itself. */
    void inSeries() {
        inSeries = true;
    }

    /** Whether it is over already, or there is room for its answer; the lane's thread. */
    boolean mayBeginInSeries() {
        return cancelled || reserve();
    }

    /** Gives back what was set aside; the loop's thread, when it has it back. */
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

    /** Whether it was not begun, for want of room for its answer, and somebody still waits for it. */
    boolean isPostponed() {
        return postponed && !answered;
    }

    /** About how much memory it takes beside its handler's own. */
    int heldBytes() {
        return request.contentLength() + StreamMessages.OBJECTS_BYTES;
    }

    /** Whether nobody wants an answer. */
    boolean isOneWay() {
        return request.header().isOneWay();
    }

    private EventLoop loop() {
        return connection.loop();
    }

    /** Starts the handler on a virtual thread of its own; the loop's thread. */
    void start(HandlerExecutor executor, Runnable whenOverdue) {
        if (deadlineNanos != NO_DEADLINE) {
            timer = loop().schedule(untilOver(timeLeft().orElseThrow()), whenOverdue);
        }
        thread = executor.start(
                "parley-" + connection.id() + "-" + request.header().id(),
                () -> executor.handle(this, executor.nanos()),
                this::notStarted);
    }

    /** No thread could be made for it, or started; the loop's thread. */
    void notStarted(Throwable why) {
        thrown = why;
        response = ErrorResponses.of(ErrorCode.BUSY, "no thread could be started for the handler");
        tellReturned();
    }

    /** Has the request handled, if there is room for its answer by now; the handler's thread. */
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
            response = null; // nobody waits for it, and it may be large
        } else if (space != null) {
            answerBytes = bytes;
            reservedBytes = space.finished(bytes, reservedBytes);
            route.sizes().add(bytes, loop().freshNanos());
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

    /** Nobody waits for its answer any more; the handler is told. The loop's thread. */
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

    /** For the log. */
    String hookName() {
        return "what was to run on the cancel of a request on connection " + connection.id() + " with "
                + connection.peerAddress();
    }

    /** It may block, so it is not for the loop; and the handler's thread may be busy for long. */
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

    /** Where it is not answered yet, it never will be. The loop's thread. */
    void giveUp() {
        if (answer()) {
            cancel();
        }
    }

    /** Whether this is the answer that counts: the first one. The loop's thread. */
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
