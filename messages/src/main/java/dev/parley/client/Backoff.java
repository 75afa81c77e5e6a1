package dev.parley.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: a random time up to a bound that grows with each failure, so that the
 * clients of a server that comes back do not all come at once ("full jitter"). The first bound is not a second but 1.6:
 * attempts that fail early come again while others make their first, and so of many clients 18% would come within the
 * same 100 ms. Runs on the loop's thread.
 */
final class Backoff {
    private static final double FACTOR = 1.6;
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration MAX = Duration.ofSeconds(30);

    private final RandomGenerator random;
    private int failures;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** How often it failed in a row. */
    int failures() {
        return failures;
    }

    void failed() {
        failures++;
    }

    void succeeded() {
        failures = 0;
    }

    Duration next() {
        double boundNanos = Math.min((double) MAX.toNanos(), (double) FIRST.toNanos() * Math.pow(FACTOR, failures + 1));
        return Duration.ofNanos((long) (random.nextDouble() * boundNanos));
    }
}
