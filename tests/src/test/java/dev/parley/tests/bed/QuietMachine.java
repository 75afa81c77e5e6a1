package dev.parley.tests.bed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/**
 * Times of a clock, which are a promise only on a machine that does nothing else. A build prints them, and holds what
 * happened; {@code ./check --soak}, for which the machine is left alone, holds the times as well.
 */
public final class QuietMachine {
    private static final boolean ASSUMED = Boolean.getBoolean("parley.full");

    private QuietMachine() {}

    /** Fails if it took longer, on a machine that is said to be quiet. */
    public static void assertAtMost(String what, Duration most, long tookNanos) {
        if (ASSUMED) {
            assertThat(Duration.ofNanos(tookNanos)).as(what).isLessThanOrEqualTo(most);
        }
    }
}
