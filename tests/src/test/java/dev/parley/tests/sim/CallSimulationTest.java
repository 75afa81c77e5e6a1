package dev.parley.tests.sim;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Makes a thousand simulated runs of clients that call, a bad network and a server that restarts; see {@link SimSeeds}.
 */
@Timeout(900)
class CallSimulationTest {
    @Test
    void everyCallEndsOnceAndIsToldTheTruth() {
        long[] ends = SimSeeds.each(CallSimulationTest::run, 3);
        System.out.printf(
                "promise simulation: %d seeds, %d calls answered, %d not processed, %d of unknown outcome%n",
                SimSeeds.count(), ends[0], ends[1], ends[2]);
    }

    private static String run(long seed, long[] ends) throws Exception {
        try (var run = new CallRun(seed)) {
            String came = run.run();
            for (int i = 0; i < ends.length; i++) {
                ends[i] += run.ends()[i];
            }
            return came;
        }
    }
}
