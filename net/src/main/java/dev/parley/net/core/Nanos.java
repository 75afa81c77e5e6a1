package dev.parley.net.core;

import dev.parley.net.text.Durations;
import java.time.Duration;

/** Converts durations to the nanoseconds of a loop's clocks, which are limited to 146 years. Any thread may use it. */
public final class Nanos {
    private Nanos() {}

    /**
     * Returns the nanoseconds of a timeout. A timeout of zero means never, for which this returns {@link
     * Long#MAX_VALUE}.
     */
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

    /**
     * Returns the nanoseconds of a duration, at most 146 years. So the sum of a clock's time and the result never
     * overflows to a time before the clock's.
     */
    public static long of(Duration duration) {
        return Durations.nanos(duration);
    }
}
