package dev.parley.net.text;

import java.time.Duration;

/** Writes durations for messages: {@code 250 ms}, {@code 10 s}, {@code 5 min}. Any thread may use it. */
public final class Durations {
    private Durations() {}

    /**
     * {@return the duration as a whole number of minutes, seconds or milliseconds, in the largest unit that is exact}
     * Fractions of a millisecond are cut off.
     *
     * @param duration at most 292 million years, the range of milliseconds in a long
     */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000 || millis % 1_000 != 0) {
            return millis + " ms";
        }
        long seconds = millis / 1_000;
        return seconds >= 60 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }
}
