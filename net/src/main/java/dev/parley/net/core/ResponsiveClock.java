package dev.parley.net.core;

import java.time.Duration;

/**
 * The clock by which the silence of peers is judged: it measures how long a loop was able to notice them. It nearly
 * stands still while the process is stopped or code holds the loop, since no one knows then whether a peer was silent:
 * what it sent is not read, and what it waits for is not sent. Deadlines do not use it. Used on the loop's thread,
 * except for {@link #awayNanos}.
 */
final class ResponsiveClock {
    /**
     * A turn's work, or what a wait takes beyond its time, counts up to here. So peers that keep a loop busy slow this
     * clock down and do not stop it; it is longer than what a machine with much to do lets a thread wait.
     */
    private static final long STEP_NANOS_MAX = Duration.ofMillis(250).toNanos();

    /**
     * A wait that took too long may have been cut off at any moment; at most this much of the time that it asked for is
     * not counted.
     */
    private static final long UNSURE_NANOS = Duration.ofSeconds(1).toNanos();

    private final boolean passesByItself;
    private final TimerQueue timers = new TimerQueue();
    private long lookedNanos;
    private long askedNanos;
    private volatile long awayNanos;

    /**
     * Starts now.
     *
     * @param passesByItself time that is moved by hand passes in steps, and no loop is away meanwhile
     */
    ResponsiveClock(boolean passesByItself, long nowNanos) {
        this.passesByItself = passesByItself;
        lookedNanos = nowNanos;
    }

    /** Returns the timers about what peers do; their times are of this clock. */
    TimerQueue timers() {
        return timers;
    }

    /** Returns how far it is behind the ticker. Any thread. */
    long awayNanos() {
        return awayNanos;
    }

    /** Returns the time in the middle of a turn, as if the turn ended now. */
    long nowNanos(long tickerNanos) {
        return tickerNanos - awayNanos - workedTooLong(tickerNanos);
    }

    /** The work of a turn is done. */
    void worked(long tickerNanos) {
        wasAway(workedTooLong(tickerNanos));
        lookedNanos = tickerNanos;
    }

    /** A wait begins. */
    void waits(long timeoutNanos) {
        askedNanos = timeoutNanos;
    }

    /** The wait is over. */
    void woke(long tickerNanos) {
        long beyond = tickerNanos - lookedNanos - askedNanos;
        if (passesByItself && askedNanos != Long.MAX_VALUE && beyond > STEP_NANOS_MAX) {
            wasAway(beyond + Math.min(askedNanos, UNSURE_NANOS));
        }
        lookedNanos = tickerNanos;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the loop's thread alone writes it
    private void wasAway(long nanos) {
        if (nanos > 0) {
            awayNanos += nanos;
        }
    }

    private long workedTooLong(long tickerNanos) {
        return passesByItself ? Math.max(0, tickerNanos - lookedNanos - STEP_NANOS_MAX) : 0;
    }
}
