package dev.parley.tests.sim;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Makes a thousand simulated runs of streams both ways over a bad network; see {@link SimSeeds}. */
@Timeout(900)
class StreamSimulationTest {
    @Test
    void everyStreamEndsOnceWithinItsCreditAndLeavesNothing() {
        long[] ends = SimSeeds.each(StreamSimulationTest::run, 3);
        System.out.printf(
                "promise stream simulation: %d seeds, %d streams whole, %d left by their client, %d failed%n",
                SimSeeds.count(), ends[0], ends[1], ends[2]);
    }

    private static String run(long seed, long[] ends) throws Exception {
        try (var run = new StreamRun(seed)) {
            String came = run.run();
            for (int i = 0; i < ends.length; i++) {
                ends[i] += run.ends()[i];
            }
            return came;
        }
    }
}
