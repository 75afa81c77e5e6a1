package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.CallFilter;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.link.Failures;
import dev.parley.net.EventLoop;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A call with filters around it. The filters may make several attempts, within one time limit. If the call is
 * cancelled, or a filter never answers, the attempts are cancelled. Any thread may use it.
 */
final class FilteredCall implements CallDispatcher.Filtered {
    /** The time for which the attempts under way may still report why they got no answer. */
    private static final Duration GRACE = Duration.ofMillis(100);

    private final CallDispatcher core;
    private final CallSetup setup;
    private final long beganNanos;
    private final Response response = new Response(this::cancelAttempts);
    private final Queue<CompletableFuture<Message>> attempts = new ConcurrentLinkedQueue<>();
    private volatile boolean attempted;

    /** Used only on the loop's thread. */
    private @Nullable Timer timer;

    FilteredCall(CallDispatcher core, CallSetup setup) {
        this.core = core;
        this.setup = setup;
        this.beganNanos = core.loop.freshNanos();
    }

    /** Runs the filters on the calling thread, and returns the response that they give. */
    CompletableFuture<Message> start(List<CallFilter> filters) {
        if (!setup.timeout().isZero()) {
            core.loop.tryExecute(() -> watch(setup.timeout(), this::overdue));
        }
        core.entersFilters();
        core.begun(this);
        var _ = response.whenComplete((answer, failure) -> {
            core.over(this);
            core.leavesFilters();
            onLoop(this::stopTimer);
        });
        var chain = new CallFilterChain(filters, setup.action(), false, this::attempt);
        var _ = chain.proceed(setup.request()).whenComplete((answer, failure) -> onLoop(() -> ended(answer, failure)));
        if (core.hasEnded()) {
            clientClosed(); // close() came meanwhile, and may not have seen this call
        }
        return response;
    }

    @Override
    public void clientClosed() {
        response.completeExceptionally(ConnectionLoss.byClose(core.address(), outcome()));
        cancelAttempts();
    }

    private CompletionStage<Message> attempt(Message request) {
        Duration left = Duration.ZERO;
        if (!setup.timeout().isZero()) {
            left = setup.timeout().minusNanos(core.loop.freshNanos() - beganNanos);
            if (!left.isPositive()) {
                return CompletableFuture.failedFuture(timedOut());
            }
        }
        CompletableFuture<Message> attempt = core.attempt(setup.with(request).within(left));
        attempted = true;
        core.leavesFilters();
        var _ = attempt.whenComplete((answer, failure) -> core.entersFilters());
        attempts.add(attempt);
        if (response.isCancelled()) {
            attempt.cancel(true);
        }
        return attempt;
    }

    private void cancelAttempts() {
        attempts.forEach(attempt -> attempt.cancel(true));
    }

    /** Runs a task on the loop. If the loop is closed, runs it on the calling thread. */
    private void onLoop(Runnable task) {
        EventLoop loop = core.loop;
        if (loop.isCurrent() || !loop.tryExecute(task)) {
            task.run();
        }
    }

    private void ended(@Nullable Message answer, @Nullable Throwable failure) {
        if (failure != null) {
            response.completeExceptionally(Failures.unwrapped(failure));
        } else if (answer != null) {
            response.complete(answer);
        } else {
            response.completeExceptionally(new NullPointerException("a filter answered null"));
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
        }
    }

    private void watch(Duration delay, Runnable whenOver) {
        if (!response.isDone()) {
            timer = core.loop.schedule(delay, whenOver);
        }
    }

    private void overdue() {
        if (attempts.stream().allMatch(CompletableFuture::isDone)) {
            end();
        } else {
            watch(GRACE, this::end);
        }
    }

    private void end() {
        response.completeExceptionally(timedOut());
        cancelAttempts();
    }

    private TimedOutException timedOut() {
        return new TimedOutException(
                "no answer from " + core.address() + " within " + Durations.text(setup.timeout())
                        + ": a filter of this client took longer",
                outcome());
    }

    private Outcome outcome() {
        return attempted ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED;
    }
}
