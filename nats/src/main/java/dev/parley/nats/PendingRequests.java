package dev.parley.nats;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import io.nats.client.Message;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The requests whose responses are waited for. Their time limits are looked at together, since a timer for each would
 * cost more than the rest of a request. Any thread may use it.
 */
final class PendingRequests {
    private static final long SWEEP_MILLIS = 20;

    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();

    private record Pending(CompletableFuture<Message> sent, CompletableFuture<Message> waiting, long deadlineNanos) {}

    PendingRequests(ScheduledExecutorService clock) {
        var _ = clock.scheduleAtFixedRate(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Lets a request wait.
     *
     * @param sent completes with the response
     * @param bytes the request, which jnats may not have sent yet; if it is given up, it is overwritten
     * @return completes with the response too, or exceptionally when the time is over or the requests fail
     */
    CompletableFuture<Message> add(CompletableFuture<Message> sent, byte[] bytes, long patienceNanos) {
        Long number = numbers.incrementAndGet();
        CompletableFuture<Message> waiting = sent.copy();
        pending.put(number, new Pending(sent, waiting, System.nanoTime() + patienceNanos));
        var _ = waiting.whenComplete((response, thrown) -> {
            pending.remove(number);
            if (thrown != null) {
                spoil(bytes);
            }
        });
        return waiting;
    }

    /**
     * Makes a request unreadable. jnats keeps what it has not sent when a connection breaks, and sends it on the next
     * one: a node would handle it although no caller waits for it any more.
     */
    private static void spoil(byte[] request) {
        request[0] = 0; // a header of 0 bytes
        request[1] = 0;
    }

    private void sweep() {
        if (pending.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        for (Pending each : pending.values()) {
            if (now - each.deadlineNanos() >= 0) {
                end(
                        each,
                        new ClusterException(
                                Reason.TIMEOUT, "no node responded in time; the request may have been handled"));
            }
        }
    }

    /** Fails all requests. */
    void fail(Reason reason, String why) {
        for (Pending each : pending.values()) {
            end(each, new ClusterException(reason, why));
        }
    }

    private static void end(Pending request, ClusterException why) {
        request.waiting().completeExceptionally(why);
        request.sent().cancel(false); // jnats forgets it
    }
}
