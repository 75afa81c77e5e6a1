package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.Durations;
import dev.parley.net.EventLoop;
import dev.parley.net.Timer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client on its way to its response. Made on any thread; everything after that on the loop's. The
 * future ends once: by the response, an error, or the deadline.
 */
public final class Call {
    private final Address address;
    private final @Nullable String action;
    private final Message request;
    private final Duration timeout;
    private final long deadlineNanos;
    private final CompletableFuture<Message> response = new CompletableFuture<>();
    private @Nullable Timer timer;
    private boolean sent;

    // Of the calls that are pending.
    private long id = Header.NO_ID;
    private @Nullable Call nextInBucket;

    /** A call that begins now; its deadline counts from here. */
    Call(EventLoop loop, Address address, @Nullable String action, Message request, Duration timeout) {
        this.address = address;
        this.action = action;
        this.request = request;
        this.timeout = timeout;
        this.deadlineNanos = timeout.isZero() ? Long.MAX_VALUE : loop.freshNanos() + nanos(timeout);
    }

    private static long nanos(Duration timeout) {
        return timeout.compareTo(Duration.ofDays(36_500)) > 0
                ? Duration.ofDays(36_500).toNanos()
                : timeout.toNanos();
    }

    @Nullable
    String action() {
        return action;
    }

    Message request() {
        return request;
    }

    CompletableFuture<Message> response() {
        return response;
    }

    boolean isOver() {
        return response.isDone();
    }

    boolean hasDeadline() {
        return deadlineNanos != Long.MAX_VALUE;
    }

    /** What is left, above zero while it is not over; zero where there is no deadline. */
    Duration timeLeft(EventLoop loop) {
        return hasDeadline() ? Duration.ofNanos(Math.max(1, deadlineNanos - loop.freshNanos())) : Duration.ZERO;
    }

    /** Tells when its time is over. */
    void watch(EventLoop loop, Consumer<Call> whenOver) {
        if (hasDeadline()) {
            timer = loop.schedule(timeLeft(loop), () -> {
                timer = null;
                timedOut();
                whenOver.accept(this);
            });
        }
    }

    /** Its time is over, by our clock, or by the server's, which had been told of the time left. */
    void timedOut() {
        String what = sent
                ? "; the request was sent, so its handler may still run: is it slow?"
                : "; the request was not sent, since the server did not take it";
        fail(new TimedOutException(
                "no answer from " + address + " within " + Durations.text(timeout) + what, outcome()));
    }

    void markSent() {
        sent = true;
    }

    /** The exchange's; {@link Header#NO_ID} while it was not sent with one. */
    long id() {
        return id;
    }

    void id(long given) {
        id = given;
    }

    /** The one behind it in its bucket of {@link PendingCalls}. */
    @Nullable
    Call nextInBucket() {
        return nextInBucket;
    }

    void nextInBucket(@Nullable Call next) {
        nextInBucket = next;
    }

    /** What is known of it when its connection is lost. */
    Outcome outcome() {
        return sent ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED;
    }

    void succeed(Message message) {
        stopTimer();
        response.complete(message);
    }

    void fail(Throwable failure) {
        stopTimer();
        response.completeExceptionally(failure);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
