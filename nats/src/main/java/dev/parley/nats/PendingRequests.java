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

    /** The kinds of responses that are awaited. The kind decides the error if the response does not come. */
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
        private final CompletableFuture<?> waiting;
        private final byte[] bytes;
        private final long deadlineNanos;

        Pending(Kind kind, CompletableFuture<?> waiting, byte[] bytes, long deadlineNanos) {
            this.kind = kind;
            this.waiting = waiting;
            this.bytes = bytes;
            this.deadlineNanos = deadlineNanos;
        }

        void end(Reason reason, String why) {
            waiting.completeExceptionally(new ClusterException(reason, why));
        }
    }

    /** Begins to look at the time limits. */
    void begin(Repeater clock) {
        var _ = clock.every(SWEEP_NANOS, this::sweep);
    }

    /** Hands a request to jnats. */
    @FunctionalInterface
    interface Handover<T> {
        /**
         * Returns what completes with the response.
         *
         * @throws ClusterException if the request is certainly not sent
         */
        CompletableFuture<T> hand() throws ClusterException;
    }

    /**
     * Lets a request wait, and then hands it over: it may be lost or dropped before that returns.
     *
     * @param bytes the request, which jnats may not have sent yet; if a request is given up, they are overwritten
     * @return completes with the response too, or exceptionally when the time is over or the requests fail; if it is
     *     cancelled, the request is given up
     * @throws ClusterException as {@link Handover#hand}
     */
    <T> CompletableFuture<T> add(Kind kind, byte[] bytes, long patienceNanos, Handover<T> handover)
            throws ClusterException {
        Long number = numbers.incrementAndGet();
        var waiting = new CompletableFuture<T>();
        var request = new Pending(kind, waiting, bytes, System.nanoTime() + patienceNanos);
        pending.put(number, request);
        var _ = waiting.whenComplete((response, thrown) -> {
            pending.remove(number);
            if (thrown != null && kind == Kind.REQUEST) {
                spoil(bytes);
            }
        });
        CompletableFuture<T> sent;
        try {
            sent = handover.hand();
        } catch (Throwable notSent) {
            pending.remove(number);
            throw notSent;
        }
        connect(sent, waiting);
        if (isClosed) {
            endLeft(request); // it was closed meanwhile
        }
        return waiting;
    }

    private static <T> void connect(CompletableFuture<T> sent, CompletableFuture<T> waiting) {
        var _ = sent.whenComplete((response, thrown) -> {
            if (thrown == null) {
                waiting.complete(response);
            } else {
                waiting.completeExceptionally(thrown);
            }
        });
        var _ = waiting.whenComplete((response, thrown) -> sent.cancel(false)); // so that jnats forgets it
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
