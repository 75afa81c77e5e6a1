package dev.parley.net;

import org.jspecify.annotations.Nullable;

/**
 * One timer of a loop; runs once on the loop's thread, unless cancelled before. Made by {@link EventLoop#schedule}.
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

    /** Null when it has run or was cancelled: it may stay in the queue for long, and what it was for may be large. */
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

    /** Keeps it from running; harmless when it has run, and twice. The loop's thread only. */
    public void cancel() {
        if (action != null) {
            action = null;
            cancelled = true;
            queue.wasCancelled();
        }
    }

    /**
     * By time, and in the order they were made where that is equal; nanoTime may wrap, so only differences count.
     * Timers of different loops cannot be compared.
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
