package dev.parley.net.core;

import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one loop, the next one first. Used only on the loop's thread.
 *
 * <p>A cancelled timer stays in the queue until its time comes, so cancelling costs almost nothing. But if more than 64
 * timers in the queue are cancelled, and these are more than half of the queue, all cancelled timers are removed.
 *
 * <p>A cancelled timer also stays if it is the first one in the queue. Removing the first element is the most expensive
 * operation of a heap. If most timers are cancelled, such as the deadlines of calls, a loop would otherwise do this
 * operation for nearly every timer.
 */
final class TimerQueue {
    private static final int CANCELLED_MIN = 64;

    /**
     * The maximum number of timers that fire in one turn, so that the sockets of other peers need not wait if many
     * peers are late at the same time.
     */
    private static final int EACH_TURN = 16;

    private final PriorityQueue<QueuedTimer> queue = new PriorityQueue<>();
    private long sequence;
    private int cancelled;

    QueuedTimer add(long atNanos, Runnable action) {
        var timer = new QueuedTimer(this, atNanos, sequence++, action);
        queue.add(timer);
        return timer;
    }

    /**
     * Returns the time until the next timer: 0 if it is due, {@link Long#MAX_VALUE} if there are no timers. The next
     * timer may be a cancelled one.
     */
    long nanosUntilNext(long nowNanos) {
        QueuedTimer next = skipCancelled(nowNanos);
        return next == null ? Long.MAX_VALUE : Math.max(0, next.atNanos() - nowNanos);
    }

    /**
     * Removes the timers that are due from the queue, and passes each to the consumer. Timers that are created during
     * this call do not fire before the next turn, so that a timer which sets itself again lets the sockets have their
     * turn.
     */
    void fire(long nowNanos, Consumer<QueuedTimer> fire) {
        long madeBefore = sequence;
        int left = EACH_TURN;
        for (QueuedTimer due = takeDue(nowNanos, madeBefore); due != null; ) {
            fire.accept(due);
            due = --left > 0 ? takeDue(nowNanos, madeBefore) : null;
        }
    }

    /**
     * Removes and returns the next timer that is due and whose sequence number is below {@code madeBefore}; null if
     * there is none.
     */
    @Nullable
    QueuedTimer takeDue(long nowNanos, long madeBefore) {
        QueuedTimer next = skipCancelled(nowNanos);
        if (next == null || next.atNanos() - nowNanos > 0 || next.sequence() >= madeBefore) {
            return null;
        }
        return queue.remove();
    }

    /**
     * Removes the cancelled timers that are due and come first. Returns the timer that is then first; null if there is
     * none.
     */
    private @Nullable QueuedTimer skipCancelled(long nowNanos) {
        QueuedTimer next = queue.peek();
        while (next != null && next.isCancelled() && next.atNanos() - nowNanos <= 0) {
            queue.remove();
            cancelled--;
            next = queue.peek();
        }
        return next;
    }

    void wasCancelled() {
        cancelled++;
        if (cancelled > CANCELLED_MIN && cancelled > queue.size() / 2) {
            queue.removeIf(QueuedTimer::isCancelled);
            cancelled = 0;
        }
    }

    int size() {
        return queue.size() - cancelled;
    }
}
