package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ConnectionLostException;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Decides which calls are sent again, and when: what was surely not processed and may go better next time, and what its
 * client has marked as harmless to repeat. A call is tried {@link #ATTEMPTS_MAX} times at most. Not more than a tenth
 * of all calls are sent again in the long run, since a server that is in trouble is not helped by more of them;
 * requests that were never read do not count for that. Runs on the loop's thread.
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

    /** The calls whose delay is not over. */
    private final Set<Call> delayed = new LinkedHashSet<>();

    private boolean closed;
    private double tokens = TOKENS_MAX;

    /** Makes retries that pass a call to {@code again} once its delay is over. */
    Retries(EventLoop loop, RandomGenerator random, Consumer<Call> again) {
        this.loop = loop;
        this.random = random;
        this.again = again;
    }

    /** Takes note that a call begins. */
    void begun() {
        tokens = Math.min(TOKENS_MAX, tokens + TOKENS_PER_CALL);
    }

    /** Returns true if a call that failed so is sent again; then that is under way already. */
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

    /** Fails the calls whose delay is not over, as the client closes: none of its calls is sent again. */
    void close(Throwable failure) {
        closed = true;
        List<Call> all = new ArrayList<>(delayed);
        delayed.clear();
        all.forEach(call -> call.fail(failure));
    }

    /**
     * Returns true if the server never read the request: another request ended its connection, or it crossed the
     * server's going-away. The server is in no trouble then.
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
                lost.reason() != CloseReason.LOCAL
                        && call.isSent()
                        && (mayRepeat || lost.outcome() == Outcome.NOT_PROCESSED);
            default -> false;
        };
    }

    /**
     * Returns the delay before the next attempt. If this server reported that it goes away, another one is asked at
     * once.
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
