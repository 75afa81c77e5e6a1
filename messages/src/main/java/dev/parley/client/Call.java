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

/** A request with one response, or with none if it is one-way. Its future ends with the first outcome. */
final class Call extends ClientExchange {
    private final Response response;
    private final boolean oneWay;
    private boolean sent;

    /** True if it is not known what became of an attempt before this one. */
    private boolean mayBeProcessed;

    private int attempts = 1;
    private @Nullable Retrier retries;

    /** The next call in the same bucket of {@link PendingCalls}. */
    private @Nullable Call nextInBucket;

    /** Sends calls again that have failed, if it may. */
    interface Retrier {
        /** Returns true if it will send the call again, which then has not failed. */
        boolean takes(Call call, Throwable failure);
    }

    /** Makes a call that begins now; its deadline counts from here. */
    Call(EventLoop loop, @Nullable String action, Message request, Duration timeout) {
        this(loop, action, request, timeout, call -> {});
    }

    /**
     * Makes a call that begins now; its deadline counts from here.
     *
     * @param whenCancelled is called on the thread that cancels the future
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

    /** Takes note that the request was handed to the system, maybe in part. */
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

    /** Returns the call behind this one in its bucket of {@link PendingCalls}. */
    @Nullable
    Call nextInBucket() {
        return nextInBucket;
    }

    void nextInBucket(@Nullable Call next) {
        nextInBucket = next;
    }

    /** Ends the call with what came back from this server: a response, or an error if it has a status. */
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

    /** Lets the call be sent again, as this retrier allows. */
    void retryBy(Retrier by) {
        retries = by;
    }

    /** Returns how often it was tried, including the attempt that is under way. */
    int attempts() {
        return attempts;
    }

    /** Prepares the call to be sent anew. It then waits for a server, since it was on its way to one. */
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
