package dev.parley.net.text;

import java.time.Duration;

/**
 * Writes durations for messages, such as {@code 250 ms}, {@code 10 s} and {@code 5 min}, and converts them to the
 * nanoseconds of clocks. Any thread may use it.
 */
public final class Durations {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private static final Duration LONGEST_TEXT = Duration.ofMillis(Long.MAX_VALUE);

    private Durations() {}

    /**
     * {@return the nanoseconds of a duration, at most those of 146 years} So the sum of a clock's time and the result
     * does not overflow to a time before the clock's.
     *
     * @param duration any duration that is not negative, even one of billions of years
     */
    public static long nanos(Duration duration) {
        return shorter(duration, LONGEST).toNanos();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * {@return the duration as a whole number of minutes, seconds or milliseconds, in the largest unit that is exact}
     * Fractions of a millisecond are cut off.
     *
     * @param duration any duration; one of more than 292 million years counts as that
     */
    public static String text(Duration duration) {
        long millis = shorter(duration, LONGEST_TEXT).toMillis();
        if (millis < 1_000 || millis % 1_000 != 0) {
            return millis + " ms";
        }
        long seconds = millis / 1_000;
        return seconds >= 60 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }
}
