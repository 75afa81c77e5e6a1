package dev.parley.net.core;

import java.time.Duration;

/**
 * The clock that decides for how long a peer has been silent: it measures the time in which the loop was able to notice
 * its peers. While the process is stopped or code blocks the loop, this clock nearly stands still. In this time it is
 * not known whether a peer is silent, because the loop does not read what the peer sends, and does not send what the
 * peer waits for. Deadlines do not use this clock. Used on the loop's thread, except for {@link #awayNanos}.
 */
final class ResponsiveClock {
    /**
     * The maximum time that this clock counts for the work of one turn. So peers that keep a loop busy slow this clock
     * down, but do not stop it. If a wait takes longer than this beyond its timeout, the loop counts as stopped for the
     * excess. The value is longer than a busy machine lets a thread wait for a processor.
     */
    private static final long STEP_NANOS_MAX = Duration.ofMillis(250).toNanos();

    /**
     * The maximum part of a wait's own timeout that is not counted either, if the wait took too long: the process may
     * have been stopped at any moment of the wait.
     */
    private static final long UNSURE_NANOS = Duration.ofSeconds(1).toNanos();

    private final boolean passesByItself;
    private final TimerQueue timers = new TimerQueue();
    private long lookedNanos;
    private long askedNanos;
    private volatile long awayNanos;

    /**
     * Creates a clock that starts now.
     *
     * @param passesByItself false if the ticker is moved by hand; its time passes in steps, so a long step does not
     *     mean that the loop was stopped
     */
    ResponsiveClock(boolean passesByItself, long nowNanos) {
        this.passesByItself = passesByItself;
        lookedNanos = nowNanos;
    }

    /** Returns the timers about peers, whose times are times of this clock. */
    TimerQueue timers() {
        return timers;
    }

    /** Returns how far this clock is behind the ticker. Any thread may call this. */
    long awayNanos() {
        return awayNanos;
    }

    /** Returns the time of this clock in the middle of a turn, as if the turn's work ended now. */
    long nowNanos(long tickerNanos) {
        return tickerNanos - awayNanos - workedTooLong(tickerNanos);
    }

    /** Called when the work of a turn is done. */
    void worked(long tickerNanos) {
        wasAway(workedTooLong(tickerNanos));
        lookedNanos = tickerNanos;
    }

    /** Called when a wait begins. */
    void waits(long timeoutNanos) {
        askedNanos = timeoutNanos;
    }

    /** Called when the wait is over. */
    void woke(long tickerNanos) {
        long beyond = tickerNanos - lookedNanos - askedNanos;
        if (passesByItself && askedNanos != Long.MAX_VALUE && beyond > STEP_NANOS_MAX) {
            wasAway(beyond + Math.min(askedNanos, UNSURE_NANOS));
        }
        lookedNanos = tickerNanos;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop's thread writes it
    private void wasAway(long nanos) {
        if (nanos > 0) {
            awayNanos += nanos;
        }
    }

    private long workedTooLong(long tickerNanos) {
        return passesByItself ? Math.max(0, tickerNanos - lookedNanos - STEP_NANOS_MAX) : 0;
    }
}
