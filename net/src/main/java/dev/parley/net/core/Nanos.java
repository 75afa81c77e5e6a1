package dev.parley.net.core;

import java.time.Duration;

/** Turns durations into the nanoseconds of a loop's clocks. Any thread. */
public final class Nanos {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private Nanos() {}

    /** Returns the nanoseconds of a timeout; zero means never, which is {@link Long#MAX_VALUE}. */
    public static long ofTimeout(Duration duration) {
        return duration.isZero() ? Long.MAX_VALUE : of(duration);
    }

    /** Returns the nanoseconds of a delay, which must not be negative. */
    public static long ofDelay(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a delay of " + delay + "; it must be zero or more");
        }
        return of(delay);
    }

    /** Returns nanoseconds that can be added to a clock without passing it on the other side: 146 years at most. */
    public static long of(Duration duration) {
        return duration.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : duration.toNanos();
    }
}
