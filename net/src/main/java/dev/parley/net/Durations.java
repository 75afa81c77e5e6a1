package dev.parley.net;

import java.time.Duration;

/** Durations in a message: {@code 250 ms}, {@code 10 s}, {@code 5 min}. */
public final class Durations {
    private Durations() {}

    /** The duration in its largest whole unit. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000 || millis % 1_000 != 0) {
            return millis + " ms";
        }
        long seconds = millis / 1_000;
        return seconds >= 60 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }

    /** Nanoseconds for a timer; zero, which means never, and anything beyond 292 years become "never". */
    static long nanosOrNever(Duration duration) {
        if (duration.isZero()) {
            return Long.MAX_VALUE;
        }
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }
}
