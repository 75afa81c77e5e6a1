package dev.parley.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Chooses how long to wait before the next attempt: a random time up to a bound that grows with each failure, so that
 * the clients of a server that comes back do not all come at once ("full jitter"). The first bound is 1.6 seconds, and
 * not one: attempts that fail early are repeated while other clients make their first, and so, with a bound of one
 * second, 18% of many clients would come within the same 100 ms. Runs on the loop's thread.
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

    /** Returns how often an attempt failed in a row. */
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
