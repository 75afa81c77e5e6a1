package dev.parley.net.core;

import dev.parley.net.time.Timer;
import org.jspecify.annotations.Nullable;

/** One timer of a {@link TimerQueue}. Used only on the loop's thread. */
final class QueuedTimer implements Timer, Comparable<QueuedTimer> {
    private final TimerQueue queue;
    private final long atNanos;
    private final long sequence;

    /**
     * The action to run; null if it has run or was cancelled, because a cancelled timer may stay in the queue for a
     * long time, and the action may hold large objects.
     */
    private @Nullable Runnable action;

    private boolean cancelled;

    QueuedTimer(TimerQueue queue, long atNanos, long sequence, Runnable action) {
        this.queue = queue;
        this.atNanos = atNanos;
        this.sequence = sequence;
        this.action = action;
    }

    long atNanos() {
        return atNanos;
    }

    long sequence() {
        return sequence;
    }

    boolean isCancelled() {
        return cancelled;
    }

    void run() {
        Runnable due = action;
        action = null;
        if (due != null) {
            due.run();
        }
    }

    @Override
    public void cancel() {
        if (action != null) {
            action = null;
            cancelled = true;
            queue.wasCancelled();
        }
    }

    /**
     * Compares timers by their time and, if that is equal, by the order in which they were created. The clock's
     * nanoseconds may wrap, so only differences count. Timers of different loops cannot be compared.
     */
    @Override
    public int compareTo(QueuedTimer other) {
        long difference = atNanos - other.atNanos;
        return difference != 0 ? Long.signum(difference) : Long.compare(sequence, other.sequence);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
