package dev.parley.net.core;

import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one loop, the next one first. Used only on the loop's thread.
 *
 * <p>Cancelled timers stay until their time comes or they are more than half of the queue, so that cancelling costs
 * nothing. That holds for the next one too: taking the first out of a heap is what costs most in one, and a loop whose
 * timers are nearly all cancelled, as the deadlines of calls are, would do it for each.
 */
final class TimerQueue {
    private static final int CANCELLED_MIN = 64;

    /**
     * The most timers that fire in one turn: if many peers are late at once, the sockets of the others do not wait for
     * all.
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
     * Returns the time until the next timer, which may be a cancelled one: 0 if it is due, {@link Long#MAX_VALUE} if
     * there is none.
     */
    long nanosUntilNext(long nowNanos) {
        QueuedTimer next = skipCancelled(nowNanos);
        return next == null ? Long.MAX_VALUE : Math.max(0, next.atNanos() - nowNanos);
    }

    /**
     * Takes the timers that are due out of the queue, and passes them to the loop; not those that are made meanwhile,
     * so that a timer which sets itself again leaves the sockets their turn.
     */
    void fire(long nowNanos, Consumer<QueuedTimer> fire) {
        long madeBefore = sequence;
        int left = EACH_TURN;
        for (QueuedTimer due = takeDue(nowNanos, madeBefore); due != null; ) {
            fire.accept(due);
            due = --left > 0 ? takeDue(nowNanos, madeBefore) : null;
        }
    }

    /** The next timer that is due and was made before, taken out of the queue; null if there is none. */
    @Nullable
    QueuedTimer takeDue(long nowNanos, long madeBefore) {
        QueuedTimer next = skipCancelled(nowNanos);
        if (next == null || next.atNanos() - nowNanos > 0 || next.sequence() >= madeBefore) {
            return null;
        }
        return queue.remove();
    }

    /** Takes out cancelled ones that are due. */
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
