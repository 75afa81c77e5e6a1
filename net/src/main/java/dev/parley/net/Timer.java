package dev.parley.net;

import org.jspecify.annotations.Nullable;

/**
 * A timer of a loop runs its action once on the loop's thread, unless it is cancelled before. {@link
 * EventLoop#schedule} makes it.
 *
 * {@snippet :
 * loop.execute(() -> {
 *     Timer timer = loop.schedule(Duration.ofSeconds(5), () -> System.out.println("5 s later"));
 *     timer.cancel();
 * });
 * }
 */
public final class Timer implements Comparable<Timer> {
    private final TimerQueue queue;
    private final long atNanos;
    private final long sequence;

    /**
     * Null when it has run or was cancelled: the timer may stay in the queue for long, and the action may hold large
     * objects.
     */
    private @Nullable Runnable action;

    private boolean cancelled;

    Timer(TimerQueue queue, long atNanos, long sequence, Runnable action) {
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

    /** Keeps it from running. It is harmless if it has run or was cancelled already. On the loop's thread only. */
    public void cancel() {
        if (action != null) {
            action = null;
            cancelled = true;
            queue.wasCancelled();
        }
    }

    /**
     * Compares timers by their time and, if that is equal, by the order in which they were made. The clock's
     * nanoseconds may wrap, so only differences count. Timers of different loops cannot be compared.
     */
    @Override
    public int compareTo(Timer other) {
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
