package dev.parley.tests.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thousand simulated runs of clients, a bad network and a server that restarts. A seed that fails is in the message:
 * {@code -Dparley.sim.seed=N} repeats it alone, and {@code -Dparley.sim.seeds=10000} runs so many.
 */
@Timeout(900)
class CallSimulationTest {
    private static final long FIRST = 1;
    private static final int SEEDS = Integer.getInteger("parley.sim.seeds", 1_000);
    private static final int REPEAT_ONE_IN = 50;

    @Test
    void everyCallEndsOnceAndIsToldTheTruth() throws Exception {
        Long only = Long.getLong("parley.sim.seed");
        long[] seeds = only == null ? LongStream.range(FIRST, FIRST + SEEDS).toArray() : new long[] {only};
        var ends = new long[3];
        for (long seed : seeds) {
            String came = run(seed, ends);
            if (seed % REPEAT_ONE_IN == 0) {
                assertThat(run(seed, new long[3]))
                        .as("the same seed again, %d", seed)
                        .isEqualTo(came);
            }
        }
        System.out.printf(
                "promise simulation: %d seeds, %d calls answered, %d not processed, %d of unknown outcome%n",
                seeds.length, ends[0], ends[1], ends[2]);
        assertThat(only != null || LongStream.of(ends).allMatch(count -> count > 0))
                .isTrue();
    }

    private static String run(long seed, long[] ends) throws Exception {
        try (var run = new CallRun(seed)) {
            String came = run.run();
            for (int i = 0; i < ends.length; i++) {
                ends[i] += run.ends()[i];
            }
            return came;
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
