package dev.parley.client;

import dev.parley.CallException;
import dev.parley.CallException.Outcome;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request with one response, or, where it is one-way, none. Its future ends by whatever comes first. */
final class Call extends ClientExchange {
    private final Response response;
    private final boolean oneWay;
    private boolean sent;

    /** Of an attempt before this one nobody knows what became. */
    private boolean mayBeProcessed;

    private int attempts = 1;
    private @Nullable Retrier retries;

    /** Of the calls that are pending. */
    private @Nullable Call nextInBucket;

    /** What may send a call again that has failed. */
    interface Retrier {
        /** Returns true if it will send the call again, which then has not failed. */
        boolean takes(Call call, Throwable failure);
    }

    /** A call that begins now; its deadline counts from here. */
    Call(EventLoop loop, @Nullable String action, Message request, Duration timeout) {
        this(loop, action, request, timeout, call -> {});
    }

    /**
     * The same.
     *
     * @param whenCancelled told, on the thread that cancels the future
     */
    Call(EventLoop loop, @Nullable String action, Message request, Duration timeout, Consumer<Call> whenCancelled) {
        super(loop, action, request, timeout);
        this.oneWay = request.header().isOneWay();
        this.response = new Response(() -> whenCancelled.accept(this));
    }

    CompletableFuture<Message> response() {
        return response;
    }

    boolean isOneWay() {
        return oneWay;
    }

    @Override
    boolean isOver() {
        return response.isDone();
    }

    /** Handed to the system, maybe in part. */
    void markSent() {
        sent = true;
    }

    boolean isSent() {
        return sent;
    }

    @Override
    Outcome outcome() {
        return sent || mayBeProcessed ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED;
    }

    /** The one behind it in its bucket of {@link PendingCalls}. */
    @Nullable
    Call nextInBucket() {
        return nextInBucket;
    }

    void nextInBucket(@Nullable Call next) {
        nextInBucket = next;
    }

    /** What came back from this server ends it: an answer, or an error by its status. */
    void answered(Message message, Address server, EventLoop loop) {
        String status = message.status().orElse("");
        if (status.isEmpty()) {
            succeed(message);
        } else if (status.equals(ErrorCode.TIMEOUT.wire()) && isOverdue(loop)) {
            timedOut(server, "");
        } else {
            fail(RefusedException.of(server.toString(), action(), status, message));
        }
    }

    void succeed(Message message) {
        stopTimer();
        response.complete(message);
    }

    /** It may be sent again, as these allow. */
    void retryBy(Retrier by) {
        retries = by;
    }

    /** How often it was tried, the one under way included. */
    int attempts() {
        return attempts;
    }

    /** It is sent anew; and it waits for a server, since it was on its way to one. */
    void anotherAttempt(Throwable failure) {
        mayBeProcessed |= failure instanceof CallException call && call.outcome() == Outcome.UNKNOWN;
        attempts++;
        sent = false;
        sent(null, Header.NO_ID);
        waitForReady();
    }

    @Override
    void fail(Throwable failure) {
        Retrier by = retries;
        if (by != null && !isOver() && by.takes(this, failure)) {
            return;
        }
        stopTimer();
        response.completeExceptionally(mayBeProcessed ? ConnectionLostException.unlessUnknown(failure) : failure);
    }
}
