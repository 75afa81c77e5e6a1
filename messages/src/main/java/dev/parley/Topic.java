package dev.parley;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * A topic, which sends each published value to all current subscribers. Each subscriber has a queue of its own, which
 * fills up if the subscriber is slow; the topic's {@link Policy} decides what happens when it is full. The topic counts
 * the values that it drops and the subscribers that it disconnects, so nothing is lost silently. Any thread may use it.
 *
 * {@snippet :
 * record Watch(String symbol) {}
 * record Quote(String symbol, double price) {}
 * var quotes = new Topic<Quote>(1_000, Topic.Policy.DROP_OLDEST);
 * Server server = Server.builder()
 *         .onStream(Action.of("watch", Watch.class, Quote.class), (watch, out) -> quotes.subscribe(out))
 *         .listen("tcp://localhost:0");
 * quotes.publish(new Quote("PRLY", 42.0));
 * System.out.println(quotes.subscribers() + " subscribers, " + quotes.dropped() + " values dropped");
 * }
 *
 * @param <T> the type of the values
 */
public final class Topic<T> {
    /** What happens to a value if the queue of a subscriber is full. */
    public enum Policy {
        /** {@code publish} waits until there is room, so the slowest subscriber sets the pace. */
        BLOCK,
        /** The oldest value in the queue is dropped, and counted. */
        DROP_OLDEST,
        /**
         * The subscriber is disconnected: its stream ends with the error {@code failed}, with the application code
         * {@code slow}.
         */
        DISCONNECT
    }

    private final int queueMax;
    private final Policy policy;
    private final Set<Subscription<T>> subscriptions = ConcurrentHashMap.newKeySet();
    private final LongAdder published = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder disconnected = new LongAdder();
    private volatile boolean closed;

    /**
     * Makes a topic without subscribers.
     *
     * @param queueMax the maximum number of values that may wait for each subscriber, at least 1
     * @param policy the policy for a subscriber whose queue is full
     * @throws IllegalArgumentException if {@code queueMax} is below 1
     */
    public Topic(int queueMax, Policy policy) {
        if (queueMax < 1) {
            throw new IllegalArgumentException("queueMax is " + queueMax + "; it must be at least 1");
        }
        this.queueMax = queueMax;
        this.policy = policy;
    }

    /**
     * Publishes a value to every subscriber. This method returns when the value is in the queue of each subscriber. It
     * may wait only if the policy is {@link Policy#BLOCK}; then do not call it on the thread of a loop.
     *
     * @param value the value, never null
     * @throws InterruptedException if the caller was interrupted while it waited; some subscribers may have the value
     * @throws IllegalStateException if the topic is closed
     */
    public void publish(T value) throws InterruptedException {
        if (closed) {
            throw new IllegalStateException("the topic is closed");
        }
        published.increment();
        for (Subscription<T> subscription : subscriptions) {
            switch (subscription.add(value)) {
                case TAKEN -> {}
                case TAKEN_FOR_ANOTHER -> dropped.increment();
                case TOO_SLOW -> disconnected.increment();
            }
        }
    }

    /**
     * Sends the values that are published from now on to a client, until the client goes or the topic is closed. Call
     * this method on a handler's thread.
     *
     * @param out the handler's stream
     * @throws ApplicationException if this subscriber was too slow, and the policy is {@link Policy#DISCONNECT}
     * @throws IOException if a value cannot be sent; see {@link OutStream#send}
     * @throws InterruptedException if the client has gone
     */
    public void subscribe(OutStream<? super T> out) throws ApplicationException, IOException, InterruptedException {
        var subscription = new Subscription<T>(queueMax, policy);
        subscriptions.add(subscription);
        try {
            if (closed) {
                subscription.end();
            }
            for (T next = subscription.take(); next != null; next = subscription.take()) {
                out.send(next);
                delivered.increment();
            }
        } finally {
            subscriptions.remove(subscription);
            subscription.end();
        }
    }

    /**
     * Closes this topic. Nothing can be published any more, and each subscriber's stream ends after the values that
     * wait for the subscriber. A second call has no effect.
     */
    public void close() {
        closed = true;
        subscriptions.forEach(Subscription::end);
    }

    /** {@return the current number of subscribers} */
    public int subscribers() {
        return subscriptions.size();
    }

    /** {@return the number of values that were published} */
    public long published() {
        return published.sum();
    }

    /** {@return the number of values that were sent, counted once for each subscriber} */
    public long delivered() {
        return delivered.sum();
    }

    /** {@return the number of values that were dropped, counted once for each subscriber} */
    public long dropped() {
        return dropped.sum();
    }

    /** {@return the number of subscribers that were disconnected because they were too slow} */
    public long disconnected() {
        return disconnected.sum();
    }
}
