package dev.parley.server;

import dev.parley.Exchange;
import dev.parley.ExchangeHandler;
import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.link.StreamPieces;
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
final class Running implements Exchange, HandedOver {
    /** Who is told on the loop when the handler has returned. */
    interface Whom {
        /** The response is null where the request was given up before its handler began. */
        void returned(Running running, @Nullable Message response, @Nullable Throwable thrown);
    }

    /** Some thirty years: more would pass the clock on the other side. */
    private static final long MILLIS_MAX = 1_000_000_000_000L;

    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final LoopConnection connection;
    private final Message request;
    private final ExchangeHandler handler;
    private final Whom whom;
    private final long deadlineNanos;
    private volatile boolean cancelled;
    private @Nullable Thread thread;
    private @Nullable Timer timer;
    private boolean answered;

    /** Written by the handler's thread before it hands this back. */
    private @Nullable Message response;

    private @Nullable Throwable thrown;

    /** One that was read now. */
    Running(LoopConnection connection, Message request, ExchangeHandler handler, Whom whom) {
        this(connection, request, handler, whom, 0);
    }

    /** One that was read so long ago, and waited for its turn since. */
    Running(LoopConnection connection, Message request, ExchangeHandler handler, Whom whom, long waitedNanos) {
        this.connection = connection;
        this.request = request;
        this.handler = handler;
        this.whom = whom;
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

    /** About how much memory it takes beside its handler's own. */
    int heldBytes() {
        return request.content().length + StreamPieces.OBJECTS_BYTES;
    }

    /** Whether nobody wants an answer. */
    boolean isOneWay() {
        return request.header().isOneWay();
    }

    private EventLoop loop() {
        return connection.loop();
    }

    /** Starts the handler on a virtual thread of its own; the loop's thread. */
    void start(HandOver handOver, Runnable whenOverdue) {
        if (deadlineNanos != NO_DEADLINE) {
            timer = loop().schedule(untilOver(timeLeft().orElseThrow()), whenOverdue);
        }
        thread = handOver.start(
                "parley-" + connection.id() + "-" + request.header().id(),
                () -> handOver.handle(this, handOver.nanos()));
    }

    /** Has the request handled; the handler's thread. One that nobody waits for any more is not begun. */
    @Override
    public void run() {
        if (cancelled) {
            return;
        }
        try {
            response = Objects.requireNonNull(handler.handle(request, this), "the handler returned null");
        } catch (Throwable failure) {
            thrown = failure;
            response = Errors.of(failure);
        }
    }

    @Override
    public void tellReturned() {
        whom.returned(this, response, thrown);
    }

    /** Nobody waits for its answer any more; the handler is told. The loop's thread. */
    void cancel() {
        cancelled = true;
        stopTimer();
        if (thread != null) {
            thread.interrupt();
        }
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
