package dev.parley;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What is published goes to everybody who has subscribed by then. Each subscriber has a queue of its own, which a slow
 * one fills; what happens then is the topic's {@link Policy}, and is counted: nothing is lost in silence. Any thread.
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
    /** What becomes of a value for a subscriber whose queue is full. */
    public enum Policy {
        /** {@code publish} waits until there is room: the slowest subscriber sets the pace. */
        BLOCK,
        /** The oldest value in its queue is dropped, and counted. */
        DROP_OLDEST,
        /** The subscriber is disconnected: its stream ends with the error {@code failed}, its own code {@code slow}. */
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
     * A topic without subscribers.
     *
     * @param queueMax how many values may wait for each subscriber, at least 1
     * @param policy for one that is slower than that
     * @throws IllegalArgumentException when the queue is shorter
     */
    public Topic(int queueMax, Policy policy) {
        if (queueMax < 1) {
            throw new IllegalArgumentException("queueMax is " + queueMax + "; at least 1");
        }
        this.queueMax = queueMax;
        this.policy = policy;
    }

    /**
     * Gives a value to every subscriber. Returns when each has it in its queue; waits with {@link Policy#BLOCK} alone,
     * and then on no thread of a loop.
     *
     * @param value never null
     * @throws InterruptedException when the caller was interrupted while it waited; some may have the value
     * @throws IllegalStateException when the topic is closed
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
     * Sends what is published from now on, until the client goes or the topic is closed. For a handler's thread.
     *
     * @param out the handler's
     * @throws FailedException when this subscriber was too slow, and the policy is {@link Policy#DISCONNECT}
     * @throws IOException as {@link OutStream#send} says
     * @throws InterruptedException when the client has gone
     */
    public void subscribe(OutStream<? super T> out) throws FailedException, IOException, InterruptedException {
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

    /** Ends every stream after what waits for it; nothing can be published any more. Twice is harmless. */
    public void close() {
        closed = true;
        subscriptions.forEach(Subscription::end);
    }

    /** {@return how many subscribers there are now} */
    public int subscribers() {
        return subscriptions.size();
    }

    /** {@return how many values were published} */
    public long published() {
        return published.sum();
    }

    /** {@return how many values were sent, counted once for each subscriber} */
    public long delivered() {
        return delivered.sum();
    }

    /** {@return how many values were dropped, counted once for each subscriber} */
    public long dropped() {
        return dropped.sum();
    }

    /** {@return how many subscribers were disconnected for being too slow} */
    public long disconnected() {
        return disconnected.sum();
    }
}
