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
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request with one response, or with none if it is one-way. Its future completes with the first outcome: a response
 * or a failure.
 */
final class Call extends ClientExchange {
    private final Response response;
    private final boolean oneWay;
    private boolean sent;

    /** True if an earlier attempt of this call may have been processed. */
    private boolean mayBeProcessed;

    private int attempts = 1;
    private @Nullable Retrier retries;

    /** The next call in the same bucket of {@link PendingCalls}. */
    private @Nullable Call nextInBucket;

    /** Decides if a failed call is sent again, and sends it. */
    interface Retrier {
        /** Returns true if this retrier will send the call again. Then the call must not fail yet. */
        boolean takes(Call call, Throwable failure);
    }

    /** Makes a call that begins now. Its timeout counts from now. */
    Call(EventLoop loop, CallSetup setup) {
        this(loop, setup, call -> {});
    }

    /**
     * Makes a call that begins now. Its timeout counts from now.
     *
     * @param whenCancelled called on the thread that cancels the future
     */
    Call(EventLoop loop, CallSetup setup, Consumer<Call> whenCancelled) {
        super(loop, setup);
        this.oneWay = setup.request().header().isOneWay();
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

    /** Called when the request is sent. From then on, it may be processed. */
    void markSent() {
        sent = true;
    }

    @Override
    boolean isSent() {
        return sent;
    }

    @Override
    Outcome outcome() {
        return sent || mayBeProcessed ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED;
    }

    /** Returns the next call in the same bucket of {@link PendingCalls}. */
    @Nullable
    Call nextInBucket() {
        return nextInBucket;
    }

    void nextInBucket(@Nullable Call next) {
        nextInBucket = next;
    }

    /**
     * Ends the call with the response of this server. If the response has a status, it is an error, and the call fails.
     */
    void answered(Message message, Address server, EventLoop loop) {
        String status = message.status().orElse(null);
        if (status == null) {
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

    /** Sets the retrier, which may send the call again if it fails. */
    void retryBy(Retrier by) {
        retries = by;
    }

    /** Returns the number of attempts, including the attempt that is under way. */
    int attempts() {
        return attempts;
    }

    /**
     * Prepares the call to be sent again. If no server can be reached then, the call waits for one until its deadline.
     * A call without a deadline waits only if its user wants calls to wait.
     */
    void anotherAttempt(Throwable failure) {
        mayBeProcessed |= failure instanceof CallException call && call.outcome() == Outcome.UNKNOWN;
        attempts++;
        sent = false;
        sent(null, Header.NO_ID);
        isSentAgainAfter(failure);
        if (hasDeadline()) {
            waitForReady();
        }
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
