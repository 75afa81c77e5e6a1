package dev.parley;

import java.util.ArrayList;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A topic, which sends each published value to all current subscribers. Each subscriber has a queue of its own, which
 * fills up if the subscriber is slow; the topic's {@link Policy} decides what happens when it is full. The topic counts
 * the values that it drops and the subscribers that it disconnects, so nothing is lost silently. A subscriber needs no
 * thread. Any thread may use it.
 *
 * {@snippet :
 * record Watch(String symbol) {}
 * record Quote(String symbol, double price) {}
 * var quotes = new Topic<Quote>(1_000, Topic.Policy.DROP_OLDEST);
 * Action<Watch, Quote> watch = Action.of("watch", Watch.class, Quote.class);
 * Server server = Server.builder()
 *         .onLoopStream(watch, (asked, exchange) -> quotes.filtered(each -> each.symbol().equals(asked.symbol())))
 *         .listen("tcp://localhost:0");
 * quotes.publish(new Quote("PRLY", 42.0));
 * System.out.println(quotes.subscribers() + " subscribers, " + quotes.dropped() + " values dropped");
 * }
 *
 * <p>A handler of {@link ServerBuilder#onLoopStream(Action, Handler)} returns a topic, or a part of it. A handler on a
 * virtual thread passes it to {@link OutStream#follow}, and so can follow several topics in one stream.
 *
 * @param <T> the type of the values; a value must not change after it was published
 */
public final class Topic<T> implements Flow.Publisher<T> {
    /** The ways to treat a value if the queue of a subscriber is full. */
    public enum Policy {
        /**
         * {@code publish} waits until there is room, so publishers are as slow as the slowest subscriber. A subscriber
         * that publishes to the topic while it is called would wait for itself, so it gets an exception.
         */
        BLOCK,
        /** The oldest value in the queue is dropped, and counted. */
        DROP_OLDEST,
        /** The new value is dropped, and counted. */
        DROP_NEWEST,
        /**
         * The subscriber is disconnected: its stream ends with the error {@code failed}, with the application code
         * {@code slow}.
         */
        DISCONNECT
    }

    private final int queueMax;
    private final Policy policy;
    private final @Nullable Function<? super T, ?> key;
    private final Set<TopicSubscription<T>> subscriptions = ConcurrentHashMap.newKeySet();

    /** Held while a value goes to all subscribers, so that they get the values in the same order. */
    private final ReentrantLock publishing = new ReentrantLock();

    /** The threads that call subscribers now; only for {@link Policy#BLOCK}. */
    private final Set<Thread> calling = ConcurrentHashMap.newKeySet();

    private final LongAdder published = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder disconnected = new LongAdder();
    private volatile boolean closed;

    /** Passes a value that is published here to the other nodes of a cluster; null if the topic is not shared. */
    private volatile @Nullable Consumer<? super T> relay;

    /**
     * Makes a topic without subscribers.
     *
     * @param queueMax the maximum number of values that may wait for each subscriber, at least 1; a few more are on
     *     their way to it
     * @param policy the policy for a subscriber whose queue is full
     * @throws IllegalArgumentException if {@code queueMax} is below 1
     */
    public Topic(int queueMax, Policy policy) {
        this(queueMax, policy, null);
    }

    private Topic(int queueMax, Policy policy, @Nullable Function<? super T, ?> key) {
        if (queueMax < 1) {
            throw new IllegalArgumentException("queueMax is " + queueMax + "; it must be at least 1");
        }
        this.queueMax = queueMax;
        this.policy = policy;
        this.key = key;
    }

    /**
     * {@return a topic of which a slow subscriber gets the latest value of each key, such as the last price of each
     * share} If a value waits for a subscriber and another one with the same key is published, it takes the place of
     * the first among those that wait. The first is counted as dropped.
     *
     * @param <T> the type of the values
     * @param keysMax the maximum number of keys that may wait for each subscriber, at least 1; if there are more, the
     *     oldest is dropped, and counted
     * @param key returns the key of a value, which must have {@code equals} and {@code hashCode}
     * @throws IllegalArgumentException if {@code keysMax} is below 1
     */
    public static <T> Topic<T> latestByKey(int keysMax, Function<? super T, ?> key) {
        return new Topic<>(keysMax, Policy.DROP_OLDEST, Objects.requireNonNull(key));
    }

    /**
     * Publishes a value to every subscriber. This method returns when the value is in the queue of each subscriber. It
     * waits for room in a queue only if the policy is {@link Policy#BLOCK}, so do not call it on the thread of a loop
     * then. With every policy, it waits while another thread publishes, makes a {@link #publish(Supplier) change} or
     * takes a {@link #startingWith snapshot}. And it calls, one after another on this thread, the filters and those
     * subscribers that have requested values; a stream of Parley only takes the value then, but a slow subscriber of
     * your own holds up the publisher.
     *
     * @param value the value, never null
     * @throws IllegalStateException if the topic is closed; or if the policy is {@link Policy#BLOCK}, and a subscriber
     *     of this topic is being called on this thread
     * @throws IllegalArgumentException if the topic is shared ({@link Cluster#share}) and its codec cannot write the
     *     value; then the subscribers on this node have got it, and the other nodes have not
     * @throws java.util.concurrent.CancellationException if the caller was interrupted while it waited; its flag stays
     *     set, and some subscribers may have the value
     */
    public void publish(T value) {
        Objects.requireNonNull(value);
        publish(() -> value);
    }

    /**
     * Changes something and publishes a value about it, as one step for the subscribers of {@link #startingWith}: their
     * snapshot is taken before or after it, so they neither miss the change nor get it twice.
     *
     * @param change makes the change and returns the value; it must be quick, since other publishers wait for it
     * @throws IllegalStateException as for {@link #publish(Object)}; then the change was not made
     * @throws IllegalArgumentException as for {@link #publish(Object)}; then the change was made
     * @throws java.util.concurrent.CancellationException as for {@link #publish(Object)}
     */
    public void publish(Supplier<? extends T> change) {
        publish(change, relay);
    }

    private void publish(Supplier<? extends T> change, @Nullable Consumer<? super T> further) {
        if (calling.contains(Thread.currentThread())) {
            throw new IllegalStateException(
                    "a subscriber publishes to its own topic, whose policy is BLOCK, so it could wait for itself");
        }
        var changed = new ArrayList<TopicSubscription<T>>(subscriptions.size());
        publishing.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the topic is closed");
            }
            T value = Objects.requireNonNull(change.get(), "what is published must not be null");
            published.increment();
            try {
                if (further != null) {
                    further.accept(value); // under the lock too, so that other nodes get the values in the same order
                }
            } finally { // the change is made, so the subscribers here get the value in any case
                for (TopicSubscription<T> subscription : subscriptions) {
                    if (subscription.add(value)) {
                        changed.add(subscription);
                    }
                }
            }
        } finally {
            publishing.unlock();
            changed.forEach(TopicSubscription::pass); // without the lock, since a subscriber may publish itself
        }
    }

    /**
     * Subscribes to all values that are published from now on. The subscriber is called on the threads that publish,
     * and those that request values, one at a time; its stream ends when the topic is closed.
     *
     * @param subscriber the subscriber
     */
    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        begin(new TopicSubscription<>(this, subscriber, value -> true));
    }

    /**
     * {@return a part of this topic: the values that a filter lets pass}
     *
     * @param filter true for the values to pass; called by the thread that publishes, so it must be quick
     */
    public Flow.Publisher<T> filtered(Predicate<? super T> filter) {
        return subscriber -> begin(new TopicSubscription<>(this, subscriber, filter));
    }

    /**
     * {@return a publisher of a snapshot and the values after it, without gaps or duplicates} A subscriber that is too
     * slow still loses values under a policy that drops them: {@link Policy#BLOCK} and {@link Policy#DISCONNECT} drop
     * none. If the topic is closed, a new subscriber gets the snapshot and then the end. The state that the
     * snapshot shows must be changed only inside the function that is passed to {@link #publish(Supplier)}.
     *
     * @param snapshot returns the values that stand for the present state; called once for each subscriber, while
     *     nothing is published, and copied at once, so it may return a live view; they need no room in the queue. It
     *     must not wait for a lock under which another thread publishes
     * @param filter true for the later values to pass; the snapshot is not filtered
     */
    public Flow.Publisher<T> startingWith(
            Supplier<? extends Iterable<? extends T>> snapshot, Predicate<? super T> filter) {
        return subscriber -> {
            var subscription = new TopicSubscription<T>(this, subscriber, filter);
            if (publishing.tryLock()) {
                beginLocked(subscription, snapshot);
            } else {
                Thread.startVirtualThread(
                        () -> { // the caller may be a loop, which must not wait for a publisher
                            publishing.lock();
                            beginLocked(subscription, snapshot);
                        });
            }
        };
    }

    private void beginLocked(TopicSubscription<T> subscription, Supplier<? extends Iterable<? extends T>> snapshot) {
        try {
            snapshot.get().forEach(subscription::addFirst);
            subscriptions.add(subscription);
        } catch (Throwable failed) {
            subscription.failLater(failed);
        } finally {
            publishing.unlock();
        }
        begin(subscription);
    }

    private void begin(TopicSubscription<T> subscription) {
        subscriptions.add(subscription);
        if (closed) {
            subscription.end();
        }
        subscription.begin();
    }

    /**
     * Closes this topic. Nothing can be published any more, and each subscriber's stream ends after the values that
     * wait for the subscriber. A second call has no effect.
     */
    public void close() {
        closed = true;
        subscriptions.forEach(TopicSubscription::end);
    }

    /** {@return the current number of subscribers} */
    public int subscribers() {
        return subscriptions.size();
    }

    /** {@return the number of values that were published} */
    public long published() {
        return published.sum();
    }

    /** {@return the number of values that were passed to subscribers, counted once for each subscriber} */
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

    // Called by the cluster.

    void relay(Consumer<? super T> toOthers) {
        relay = toOthers;
    }

    /** Publishes a value of another node to the subscribers on this one. Has no effect after the topic was closed. */
    void publishHere(T value) {
        if (!closed) {
            publish(() -> value, null);
        }
    }

    // Called by the subscriptions.

    int queueMax() {
        return queueMax;
    }

    Policy policy() {
        return policy;
    }

    @Nullable
    Function<? super T, ?> key() {
        return key;
    }

    /** Runs a task that calls a subscriber. */
    void whileCalling(Runnable task) {
        Thread current = Thread.currentThread();
        boolean isOutermost = policy == Policy.BLOCK && calling.add(current);
        try {
            task.run();
        } finally {
            if (isOutermost) {
                calling.remove(current);
            }
        }
    }

    void wasDelivered() {
        delivered.increment();
    }

    void wasDropped() {
        dropped.increment();
    }

    void wasDisconnected() {
        disconnected.increment();
    }

    void forget(TopicSubscription<T> ended) {
        subscriptions.remove(ended);
    }
}
