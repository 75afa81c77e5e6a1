package dev.parley.net;

import java.time.Duration;

/** Writes durations for messages: {@code 250 ms}, {@code 10 s}, {@code 5 min}. Any thread. */
public final class Durations {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private Durations() {}

    /**
     * {@return the duration in its largest whole unit of minutes, seconds and milliseconds} What is below a millisecond
     * is cut off.
     *
     * @param duration of up to 292 million years, the range of milliseconds in a long
     */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000 || millis % 1_000 != 0) {
            return millis + " ms";
        }
        long seconds = millis / 1_000;
        return seconds >= 60 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }

    /** Nanoseconds for a watchdog; zero means never. */
    static long nanosOrNever(Duration duration) {
        return duration.isZero() ? Long.MAX_VALUE : nanos(duration);
    }

    /** Returns the nanoseconds of a delay, which must not be negative. */
    static long delayNanos(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a delay of " + delay + "; zero or more");
        }
        return nanos(delay);
    }

    /** Nanoseconds that can be added to a clock without passing it on the other side: 146 years at most. */
    static long nanos(Duration duration) {
        return duration.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : duration.toNanos();
    }
}
