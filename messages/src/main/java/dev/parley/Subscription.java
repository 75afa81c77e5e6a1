package dev.parley;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber of a {@link Topic}, with the values that wait for it. The publisher adds values, and the subscriber's
 * handler takes them. Any thread may use it.
 */
final class Subscription<T> {
    /** The result of adding a value. */
    enum Added {
        TAKEN,
        TAKEN_FOR_ANOTHER,
        TOO_SLOW
    }

    private final int queueMax;
    private final Topic.Policy policy;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private boolean ended;
    private boolean tooSlow;

    Subscription(int queueMax, Topic.Policy policy) {
        this.queueMax = queueMax;
        this.policy = policy;
    }

    Added add(T value) throws InterruptedException {
        lock.lock();
        try {
            while (policy == Topic.Policy.BLOCK && waiting.size() == queueMax && !ended) {
                changed.await();
            }
            if (ended) {
                return Added.TAKEN; // the value is dropped, but not counted as dropped, since the subscriber has gone
            }
            if (waiting.size() < queueMax) {
                waiting.add(value);
                changed.signalAll();
                return Added.TAKEN;
            }
            if (policy == Topic.Policy.DROP_OLDEST) {
                waiting.remove();
                waiting.add(value);
                return Added.TAKEN_FOR_ANOTHER;
            }
            tooSlow = true;
            ended = true;
            waiting.clear();
            changed.signalAll();
            return Added.TOO_SLOW;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next value, and waits if there is none yet. Returns null at the end of the topic. */
    @Nullable
    T take() throws InterruptedException, ApplicationException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !ended) {
                changed.await();
            }
            if (tooSlow) {
                throw new ApplicationException("slow", "more than " + queueMax + " values waited for this subscriber");
            }
            T next = waiting.poll();
            changed.signalAll();
            return next;
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
