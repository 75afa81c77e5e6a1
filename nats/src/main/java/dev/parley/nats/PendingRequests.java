package dev.parley.nats;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The requests whose responses are waited for. Their time limits are looked at together, since a timer for each would
 * cost more than the rest of a request. Any thread may use it.
 */
final class PendingRequests implements AutoCloseable {
    private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private volatile boolean isClosed;

    /** What is waited for, and so what is said if it does not come. */
    enum Kind {
        REQUEST("no node responded in time", "the request may have been handled"),
        APPEND("the NATS server has not said in time that a value is stored", "it may be stored");

        private final String late;
        private final String outcome;

        Kind(String late, String outcome) {
            this.late = late;
            this.outcome = outcome;
        }
    }

    private static final class Pending {
        private final Kind kind;
        private final CompletableFuture<?> sent;
        private final CompletableFuture<?> waiting;
        private final byte[] bytes;
        private final long deadlineNanos;

        Pending(Kind kind, CompletableFuture<?> sent, CompletableFuture<?> waiting, byte[] bytes, long deadlineNanos) {
            this.kind = kind;
            this.sent = sent;
            this.waiting = waiting;
            this.bytes = bytes;
            this.deadlineNanos = deadlineNanos;
        }

        void end(Reason reason, String why) {
            waiting.completeExceptionally(new ClusterException(reason, why));
            sent.cancel(false); // jnats forgets it
        }
    }

    PendingRequests(Repeater clock) {
        var _ = clock.every(SWEEP_NANOS, this::sweep);
    }

    /**
     * Lets a request wait.
     *
     * @param sent completes with the response
     * @param bytes the request, which jnats may not have sent yet; if a request is given up, they are overwritten
     * @return completes with the response too, or exceptionally when the time is over or the requests fail; if it is
     *     cancelled, the request is given up
     */
    <T> CompletableFuture<T> add(Kind kind, CompletableFuture<T> sent, byte[] bytes, long patienceNanos) {
        Long number = numbers.incrementAndGet();
        CompletableFuture<T> waiting = sent.copy();
        var request = new Pending(kind, sent, waiting, bytes, System.nanoTime() + patienceNanos);
        pending.put(number, request);
        var _ = waiting.whenComplete((response, thrown) -> {
            pending.remove(number);
            if (thrown != null && kind == Kind.REQUEST) {
                spoil(bytes);
            }
            if (waiting.isCancelled()) {
                sent.cancel(false);
            }
        });
        if (isClosed) {
            endLeft(request); // it was closed meanwhile
        }
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
        long now = System.nanoTime();
        for (Pending each : pending.values()) {
            if (now - each.deadlineNanos >= 0) {
                each.end(Reason.TIMEOUT, each.kind.late + "; " + each.kind.outcome);
            }
        }
    }

    /** Fails all requests, since the connection is lost. */
    void lost() {
        for (Pending each : pending.values()) {
            each.end(Reason.LOST, "the connection to the NATS server is lost; " + each.kind.outcome);
        }
    }

    /** Fails the request with this content, which jnats has dropped. */
    @SuppressWarnings("ReferenceEquality") // jnats gives back the array that it was given; others may look the same
    void dropped(byte @Nullable [] bytes) {
        for (Pending each : pending.values()) {
            if (each.bytes == bytes) {
                each.end(Reason.NOT_SENT, "too much waits for the NATS server already, so nothing was sent");
            }
        }
    }

    private static void endLeft(Pending request) {
        request.end(Reason.LOST, "this node has left the cluster; " + request.kind.outcome);
    }

    /** Fails all requests, and those that come later. */
    @Override
    public void close() {
        isClosed = true;
        pending.values().forEach(PendingRequests::endLeft);
    }
}
