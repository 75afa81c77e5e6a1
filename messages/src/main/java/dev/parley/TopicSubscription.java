package dev.parley;

import dev.parley.net.LoopObserver;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber of a {@link Topic}, with the values that wait for it. Publishers add values; the thread that has added
 * one, or that requests some, passes them to the subscriber. Any thread may use it.
 */
final class TopicSubscription<T> implements Flow.Subscription {
    private static final LoopObserver LOG = LoopObserver.guarded(LoopObserver.logging());

    private final Topic<T> topic;
    private final Flow.Subscriber<? super T> subscriber;
    private final Predicate<? super T> filter;

    // Guarded by the lock.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition roomOrEnd = lock.newCondition();
    private final Queue<T> queue = new ArrayDeque<>();

    /** The values of the snapshot, which come before all others, and take no room from them. */
    private final Queue<T> snapshot = new ArrayDeque<>();

    /** The latest value of each key, if the topic has keys; then {@link #queue} is not used. */
    private final Map<Object, T> latest = new LinkedHashMap<>();

    private long requested;
    private boolean begun;
    private boolean ended;
    private boolean cancelled;
    private @Nullable Throwable failure;

    /** The number of calls of {@link #pass} that no thread has carried out yet. */
    private final AtomicInteger due = new AtomicInteger();

    /** Used only by the thread that passes values. */
    private boolean over;

    TopicSubscription(Topic<T> topic, Flow.Subscriber<? super T> subscriber, Predicate<? super T> filter) {
        this.topic = topic;
        this.subscriber = Objects.requireNonNull(subscriber);
        this.filter = filter;
    }

    /** Adds a value of the snapshot, before the subscription begins. */
    void addFirst(T value) {
        snapshot.add(value);
    }

    /** Makes the subscription fail when it begins. */
    void failLater(Throwable why) {
        failure = why;
        ended = true;
    }

    void begin() {
        try {
            topic.whileCalling(() -> subscriber.onSubscribe(this));
        } catch (Throwable thrown) {
            cancel();
            LOG.failed("the subscriber of a topic", thrown);
        }
        lock.lock();
        try {
            begun = true;
        } finally {
            lock.unlock();
        }
        pass();
    }

    /**
     * Adds a published value. Waits for room if the policy is {@link Topic.Policy#BLOCK}. Returns true if {@link #pass}
     * must be called.
     */
    boolean add(T value) {
        try {
            return filter.test(value) && put(value);
        } catch (PublisherInterrupted interrupted) {
            throw interrupted;
        } catch (Throwable thrown) {
            fail(thrown);
            return true;
        }
    }

    /** Ends the subscription with a failure, instead of the values that wait. */
    private void fail(Throwable why) {
        lock.lock();
        try {
            failure = why;
            clear();
            ended = true;
            roomOrEnd.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void clear() {
        snapshot.clear();
        queue.clear();
        latest.clear();
    }

    /** Puts a value into the queue. Returns true if there is something to pass. */
    private boolean put(T value) {
        lock.lock();
        try {
            awaitRoom();
            if (ended || cancelled) {
                if (!cancelled && failure == null) {
                    topic.wasDropped(); // the topic was closed while the value was published
                }
                return false;
            }
            Function<? super T, ?> key = topic.key();
            return key == null ? putLast(value) : putLatest(key.apply(value), value);
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        return queue.size() + latest.size() >= topic.queueMax();
    }

    private void awaitRoom() {
        try {
            while (topic.policy() == Topic.Policy.BLOCK && isFull() && !ended && !cancelled) {
                roomOrEnd.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PublisherInterrupted();
        }
    }

    /** A type of its own, since the filter of a subscriber may throw a {@link CancellationException} too. */
    private static final class PublisherInterrupted extends CancellationException {
        private static final long serialVersionUID = 1;

        PublisherInterrupted() {
            super("interrupted while a subscriber of a topic had no room");
        }
    }

    private boolean putLast(T value) {
        if (isFull()) {
            switch (topic.policy()) {
                case DROP_NEWEST -> {
                    topic.wasDropped();
                    return false;
                }
                case DISCONNECT -> {
                    disconnect();
                    return true;
                }
                default -> {
                    queue.remove();
                    topic.wasDropped();
                }
            }
        }
        return queue.add(value);
    }

    private void disconnect() {
        clear();
        ended = true;
        failure = new ApplicationException(
                "slow", "more than " + topic.queueMax() + " values waited for this subscriber");
        topic.wasDisconnected();
    }

    private boolean putLatest(Object key, T value) {
        if (latest.containsKey(key)) {
            topic.wasDropped();
        } else if (isFull()) {
            Iterator<T> oldest = latest.values().iterator();
            oldest.next();
            oldest.remove();
            topic.wasDropped();
        }
        latest.put(key, value); // a key that waits keeps its place, so its turn comes however often it is published
        return true;
    }

    /** Ends the subscription after the values that wait. */
    void end() {
        lock.lock();
        try {
            ended = true;
            roomOrEnd.signalAll();
        } finally {
            lock.unlock();
        }
        pass();
    }

    @Override
    public void request(long count) {
        if (count <= 0) {
            fail(new IllegalArgumentException("requested " + count + " values; it must be at least 1"));
            pass();
            return;
        }
        lock.lock();
        try {
            requested = requested + count < 0 ? Long.MAX_VALUE : requested + count;
        } finally {
            lock.unlock();
        }
        pass();
    }

    @Override
    public void cancel() {
        lock.lock();
        try {
            cancelled = true;
            clear();
            roomOrEnd.signalAll();
        } finally {
            lock.unlock();
        }
        topic.forget(this);
    }

    /** Passes values to the subscriber, if no other thread does. That thread goes on for this one. */
    void pass() {
        if (due.getAndIncrement() == 0) {
            topic.whileCalling(this::passAll);
        }
    }

    private void passAll() {
        int done = 1;
        do {
            while (passNext()) {
                topic.wasDelivered();
            }
            done = due.addAndGet(-done);
        } while (done != 0);
    }

    /** Passes the next value, or the end. Returns true if it was a value. */
    private boolean passNext() {
        T next;
        boolean isEnd;
        lock.lock();
        try {
            if (!begun || cancelled || over) {
                return false;
            }
            next = requested > 0 ? poll() : null;
            isEnd = next == null && ended && snapshot.isEmpty() && queue.isEmpty() && latest.isEmpty();
        } finally {
            lock.unlock();
        }
        if (isEnd) {
            guarded(this::finish);
        } else if (next != null) {
            guarded(() -> subscriber.onNext(next));
        }
        return next != null;
    }

    /** Calls the subscriber. If it throws, its subscription ends; neither the publisher nor the others are affected. */
    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (Throwable thrown) {
            cancel();
            LOG.failed("the subscriber of a topic", thrown);
        }
    }

    private @Nullable T poll() {
        T next = snapshot.isEmpty() ? queue.poll() : snapshot.poll();
        if (next == null && !latest.isEmpty()) {
            Iterator<T> values = latest.values().iterator();
            next = values.next();
            values.remove();
        }
        if (next != null) {
            requested--;
            roomOrEnd.signalAll();
        }
        return next;
    }

    private void finish() {
        over = true;
        topic.forget(this);
        Throwable why = failure;
        if (why == null) {
            subscriber.onComplete();
        } else {
            subscriber.onError(why);
        }
    }
}
