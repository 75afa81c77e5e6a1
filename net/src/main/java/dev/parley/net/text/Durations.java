package dev.parley.net.text;

import java.time.Duration;

/** Writes durations for messages: {@code 250 ms}, {@code 10 s}, {@code 5 min}. Any thread. */
public final class Durations {
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
}
