package dev.parley.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Waits between attempts: random, up to a bound that grows to 30 seconds. */
class BackoffTest {
    private static final Percentage ROUNDING = Percentage.withPercentage(0.001);

    /** Draws the largest number below 1 each time. */
    private static final RandomGenerator LARGEST = () -> -1L;

    private static final RandomGenerator SMALLEST = () -> 0L;

    @Test
    void theBoundGrowsWithEachFailureUpToThirtySeconds() {
        var backoff = new Backoff(LARGEST);
        double[] boundsSeconds = {1.6, 2.56, 4.096, 6.5536, 10.48576, 16.777216, 26.8435456, 30, 30};
        for (int failures = 0; failures < boundsSeconds.length; failures++) {
            assertThat(backoff.failures()).isEqualTo(failures);
            assertThat(backoff.next().toNanos() / 1e9).isCloseTo(boundsSeconds[failures], ROUNDING);
            backoff.failed();
        }
    }

    @Test
    void thousandsOfFailuresDoNotPassTheBound() {
        var backoff = new Backoff(LARGEST);
        for (int i = 0; i < 5_000; i++) {
            backoff.failed();
        }
        assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofSeconds(30)).isGreaterThan(Duration.ofSeconds(29));
    }

    @Test
    void aSuccessBeginsAnew() {
        var backoff = new Backoff(LARGEST);
        backoff.failed();
        backoff.failed();
        backoff.succeeded();
        assertThat(backoff.failures()).isZero();
        assertThat(backoff.next().toNanos() / 1e9).isCloseTo(1.6, ROUNDING);
    }

    @Test
    void aWaitMayBeNoneAtAll() {
        assertThat(new Backoff(SMALLEST).next()).isZero();
    }

    /** Clients that lose their server at the same moment come back spread over the whole time. */
    @Test
    void waitsAreSpreadOverTheWholeTime() {
        var random = new SplittableRandom(5);
        var tenths = new int[10];
        for (int i = 0; i < 10_000; i++) {
            Duration wait = new Backoff(random).next();
            tenths[Math.toIntExact(wait.toNanos() / Duration.ofMillis(160).toNanos())]++;
        }
        for (int tenth : tenths) {
            assertThat(tenth).as("seed 5").isBetween(850, 1_150);
        }
    }
}
