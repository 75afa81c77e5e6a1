package dev.parley;

import dev.parley.client.CallSetup;
import dev.parley.frame.Header;
import dev.parley.link.CurrentExchange;
import dev.parley.link.ExchangeSubscriber;
import dev.parley.link.ServerExchange;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The data of a call that its options do not contain: the credentials of the client, and the exchange of the request
 * whose handler makes the call. From that exchange the call takes the time that is left, the cancellation and some keys
 * of the header. Used on the thread that makes the call.
 *
 * @param parent the exchange of that request; null if no handler makes the call, or nothing passes to it
 * @param credentials the client's value of the key {@code authorization}; null for none
 */
record CallContext(
        @Nullable ServerExchange parent, @Nullable String credentials) {
    private static final Duration OVER = Duration.ofNanos(-1);

    static CallContext of(CallOptions options, @Nullable String credentials) {
        return new CallContext(options.isDetached() ? null : CurrentExchange.getOrNull(), credentials);
    }

    /**
     * Returns what the call begins with.
     *
     * @param byDefault the time limit if the options have none; zero for no limit
     */
    CallSetup setup(@Nullable String action, Message request, CallOptions options, Duration byDefault) {
        return new CallSetup(action, withKeys(request, options), timeout(options, byDefault), options.waitForReady());
    }

    private Message withKeys(Message request, CallOptions options) {
        Map<String, Object> keys = options.headers();
        Map<String, Object> passed = parent == null ? Map.of() : parent.passedOn();
        if (!passed.isEmpty() || credentials != null) {
            var all = new LinkedHashMap<>(passed);
            if (credentials != null) {
                all.put(Header.AUTHORIZATION, credentials);
            }
            all.keySet().removeAll(request.header().others().keySet()); // the request's own value counts
            all.putAll(keys);
            keys = all;
        }
        Message whole = request;
        for (Map.Entry<String, Object> key : keys.entrySet()) {
            whole = whole.with(key.getKey(), key.getValue());
        }
        return whole;
    }

    private Duration timeout(CallOptions options, Duration byDefault) {
        Duration own = options.timeLimit().orElse(options.isUnlimited() ? Duration.ZERO : byDefault);
        boolean isLimited = options.timeLimit().isPresent() || !own.isZero();
        Duration ofParent = parent == null ? null : parent.timeLeft().orElse(null);
        if (ofParent == null) {
            return isLimited ? positiveOrOver(own) : Duration.ZERO;
        }
        return positiveOrOver(isLimited && own.compareTo(ofParent) < 0 ? own : ofParent);
    }

    private static Duration positiveOrOver(Duration limit) {
        return limit.isZero() ? OVER : limit;
    }

    /** Makes the call end if the answer of the parent is no longer wanted. */
    void bind(CompletableFuture<?> end, Runnable cancel) {
        if (parent != null && !end.isDone()) {
            Runnable remove = parent.addCall(cancel);
            var _ = end.whenComplete((result, failure) -> remove.run());
        }
    }

    /**
     * Returns a future that completes with another one, as part of the parent: a call that a function makes which
     * follows it belongs to the same request. If it is cancelled, so is the other one. Without a parent that outlives
     * its handler's method, returns the other one itself.
     */
    <T> CompletableFuture<T> within(CompletableFuture<T> end) {
        ServerExchange exchange = parent;
        if (exchange == null || !exchange.mayPass()) {
            return end;
        }
        CompletableFuture<T> following = end.newIncompleteFuture(); // its stages pass their cancellation on
        var _ = end.whenComplete((result, failure) -> exchange.run(() -> {
            if (failure == null) {
                following.complete(result);
            } else if (failure instanceof CancellationException) {
                following.completeExceptionally(Client.notWanted()); // without effect if the caller has cancelled it
            } else {
                following.completeExceptionally(failure);
            }
        }));
        var _ = following.whenComplete((result, failure) -> {
            if (following.isCancelled()) {
                end.cancel(true);
            }
        });
        return following;
    }

    /** Returns a subscriber whose calls belong to the parent, if there is one that outlives its handler's method. */
    <T> Flow.Subscriber<? super T> within(EventLoop loop, Flow.Subscriber<? super T> subscriber) {
        ServerExchange exchange = parent;
        return exchange == null || !exchange.mayPass()
                ? subscriber
                : new ExchangeSubscriber<>(loop, exchange, subscriber);
    }
}
