package dev.parley.examples.cluster;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.examples.cluster.Node.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Clients that order at a constant rate, whether or not the responses come, and note what became of each order. */
final class Orders implements AutoCloseable {
    static final List<String> KINDS = List.of("tea", "coffee", "cocoa");
    static final Duration TIME_LIMIT = Duration.ofSeconds(2);

    private static final int CLIENTS = 12;
    private static final int UNDER_WAY_MAX = 50_000;

    /** The outcome of an order, as its client knows it. */
    enum Outcome {
        /** The response has come. */
        ANSWERED,
        /** It was not handled, and may be ordered again. */
        NOT_PROCESSED,
        /** It may have been handled. */
        UNKNOWN
    }

    /**
     * The result of an order.
     *
     * @param sentNanos when it was sent, from the beginning
     * @param tookNanos how long the client waited
     */
    record Told(long number, Outcome outcome, long sentNanos, long tookNanos) {}

    private final List<Client> clients = new ArrayList<>();
    private final ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
    private final Semaphore underWay = new Semaphore(UNDER_WAY_MAX);
    private final AtomicLong numbers = new AtomicLong();
    private final long beganNanos = System.nanoTime();

    Orders(String address) {
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(Client.builder(address).waitForReady(true).start());
        }
    }

    long elapsedNanos() {
        return System.nanoTime() - beganNanos;
    }

    /** Orders so many times a second, until it is over. */
    void order(int perSecond, BooleanSupplier isOver) {
        long began = System.nanoTime();
        for (long sent = 0; !isOver.getAsBoolean(); sent++) {
            long due = began + sent * 1_000_000_000L / perSecond;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            order(numbers.incrementAndGet());
        }
    }

    private void order(long number) {
        underWay.acquireUninterruptibly();
        long sent = elapsedNanos();
        Client client = clients.get((int) (number % CLIENTS));
        var action = Node.action(KINDS.get((int) ((number + number / CLIENTS) % KINDS.size())));
        client.callAsync(action, new Order(number), CallOptions.timeout(TIME_LIMIT))
                .whenComplete((receipt, thrown) -> {
                    told.add(new Told(number, outcome(thrown), sent, elapsedNanos() - sent));
                    underWay.release();
                });
    }

    private static Outcome outcome(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException e && e.getCause() != null ? e.getCause() : thrown;
        if (cause == null) {
            return Outcome.ANSWERED;
        }
        return cause instanceof CallException e && e.outcome() == CallException.Outcome.NOT_PROCESSED
                ? Outcome.NOT_PROCESSED
                : Outcome.UNKNOWN;
    }

    /** Waits until every order has an outcome. */
    List<Told> finish() {
        underWay.acquireUninterruptibly(UNDER_WAY_MAX);
        underWay.release(UNDER_WAY_MAX);
        return List.copyOf(told);
    }

    @Override
    public void close() {
        clients.forEach(Client::close);
    }
}
