package dev.parley.tests.sim;

import dev.parley.net.tls.Tls;
import dev.parley.tests.bed.TestCertificates;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Makes a tenth of the simulated runs again, over TLS: calls and streams, a bad network and a server that restarts. A
 * run has the events of its seed, but not their every moment: a signature has one of several lengths.
 */
@Timeout(900)
class TlsSimulationTest {
    private static final int PART = 10;

    private final Tls tls = TestCertificates.ofBothSides();

    private interface Run {
        void run(long seed) throws Exception;
    }

    private static void each(String what, Run run) {
        int count = Math.max(1, SimSeeds.count() / PART);
        long first = Long.getLong("parley.sim.seed", 1);
        LongStream.range(first, first + count).forEach(seed -> {
            try {
                run.run(seed);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        });
        System.out.printf("promise simulation: %d seeds of %s over TLS%n", count, what);
    }

    @Test
    void everyCallEndsOnceAndIsToldTheTruth() {
        each("calls", seed -> {
            try (var run = new CallRun(seed, tls)) {
                run.run();
            }
        });
    }

    @Test
    void everyStreamEndsOnceAndIsToldTheTruth() {
        each("streams", seed -> {
            try (var run = new StreamRun(seed, tls)) {
                run.run();
            }
        });
    }
}
