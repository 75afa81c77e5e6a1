package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ConnectionLostException;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.link.Failures;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Decides which failed calls are sent again, and when. A call is sent again if it was certainly not processed and may
 * succeed next time, or if the user has marked it as safe to repeat. A call has at most {@link #ATTEMPTS_MAX} attempts.
 * In the long run, at most a tenth of all calls are sent again, since more requests would not help a server that is in
 * trouble. Requests that the server never read do not count for this limit. Runs on the loop's thread.
 */
final class Retries implements Call.Retrier {
    private static final int ATTEMPTS_MAX = 3;
    private static final double TOKENS_MAX = 10;
    private static final double TOKENS_PER_CALL = 0.1;
    private static final Duration FIRST_DELAY = Duration.ofMillis(50);

    private static final Set<String> BETTER_NEXT_TIME = Set.of(ErrorCode.BUSY.wire(), ErrorCode.GOING_AWAY.wire());

    private final EventLoop loop;
    private final RandomGenerator random;
    private final Consumer<Call> again;

    /** The calls that will be sent again when their delay is over. */
    private final Set<Call> delayed = new LinkedHashSet<>();

    private boolean closed;
    private double tokens = TOKENS_MAX;

    /** Makes an object that passes a call to {@code again} when its delay is over. */
    Retries(EventLoop loop, RandomGenerator random, Consumer<Call> again) {
        this.loop = loop;
        this.random = random;
        this.again = again;
    }

    /** Returns the number of calls that wait for their next attempt. */
    int waiting() {
        return delayed.size();
    }

    /** Called when a call begins. */
    void begun() {
        tokens = Math.min(TOKENS_MAX, tokens + TOKENS_PER_CALL);
    }

    /** Decides if a call that failed in this way is sent again. If so, schedules the next attempt and returns true. */
    @Override
    public boolean takes(Call call, Throwable failure) {
        double cost = wasNeverRead(failure) ? 0 : 1;
        boolean may = !closed && call.attempts() < ATTEMPTS_MAX && tokens >= cost && isWorthIt(call, failure);
        if (may) {
            tokens -= cost;
            call.anotherAttempt(failure);
            delayed.add(call);
            loop.schedule(delay(call, failure), () -> delayIsOver(call));
        }
        return may;
    }

    private void delayIsOver(Call call) {
        if (delayed.remove(call) && !call.isOver()) {
            again.accept(call);
        }
    }

    /** Fails the calls whose delay is not over. Called when the client is closed. After this, no call is sent again. */
    void close(Throwable failure) {
        closed = true;
        List<Call> all = new ArrayList<>(delayed);
        delayed.clear();
        all.forEach(call -> call.fail(Failures.own(failure)));
    }

    /**
     * Returns true if the server never read the request: another request ended its connection, or the server was going
     * away when the request arrived. This does not mean that the server is in trouble.
     */
    private static boolean wasNeverRead(Throwable failure) {
        return failure instanceof ConnectionLostException lost && lost.outcome() == Outcome.NOT_PROCESSED
                || failure instanceof RefusedException refused && refused.code().equals(ErrorCode.GOING_AWAY.wire());
    }

    private static boolean isWorthIt(Call call, Throwable failure) {
        boolean mayRepeat = call.request().header().text(Header.IDEMPOTENCY_KEY) != null;
        return switch (failure) {
            case RefusedException refused ->
                refused.response() != null && BETTER_NEXT_TIME.contains(refused.code())
                        || mayRepeat && refused.code().equals(ErrorCode.UNAVAILABLE.wire());
            case ConnectionLostException lost ->
                call.isSent() && (mayRepeat || lost.outcome() == Outcome.NOT_PROCESSED);
            default -> false;
        };
    }

    /**
     * Returns the delay before the next attempt. If the first attempt failed because the server is going away, the
     * delay is zero, since another server is used.
     */
    private Duration delay(Call call, Throwable failure) {
        if (failure instanceof RefusedException refused
                && refused.code().equals(ErrorCode.GOING_AWAY.wire())
                && call.attempts() == 2) {
            return Duration.ZERO;
        }
        long boundNanos = FIRST_DELAY.toNanos() << call.attempts();
        return Duration.ofNanos((long) (random.nextDouble() * boundNanos));
    }
}
