package dev.parley.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Chooses the time before the next attempt of a client to connect to its server: a random time up to a bound that grows
 * with each failure, from 1.6 to 30 seconds. The time is random so that not all clients connect at the same moment when
 * a server comes back ("full jitter"). The first bound is 1.6 seconds, and not one second, because clients whose first
 * attempt fails early make their second attempt while other clients still make their first: with a bound of one second,
 * 18% of many clients would connect within the same 100 ms. Runs on the loop's thread.
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

    /** Returns the number of attempts that failed in a row. */
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
