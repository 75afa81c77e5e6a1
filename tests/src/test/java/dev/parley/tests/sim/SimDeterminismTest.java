package dev.parley.tests.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testkit.Census;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that the same seed gives the same run, to the bit, and that so many runs are cheap. */
@Timeout(300)
class SimDeterminismTest {
    private static final int SEEDS = Integer.getInteger("parley.sim.seeds", 1_000);
    private static final long FIRST_SEED = Long.getLong("parley.sim.seed", 1);

    private static final int AGAIN_EACH = 10;

    private final Census census = new Census();

    @AfterEach
    void nothingIsLeft() {
        census.assertNothingLeft();
    }

    private static List<String> traceOf(long seed) throws Exception {
        try (var run = new EchoRun(seed)) {
            return run.go().trace();
        }
    }

    private static long fingerprintOf(long seed) throws Exception {
        try (var run = new EchoRun(seed)) {
            return run.go().net().fingerprint();
        }
    }

    @Test
    void theSameSeedGivesTheSameRunAndAnotherAnotherOne() throws Exception {
        List<String> first = traceOf(FIRST_SEED);
        assertThat(first).hasSizeGreaterThan(50);
        for (int i = 0; i < 10; i++) {
            assertThat(traceOf(FIRST_SEED)).as("seed %d, run %d", FIRST_SEED, i).isEqualTo(first);
        }
        assertThat(traceOf(FIRST_SEED + 1)).isNotEqualTo(first);
    }

    @Test
    void aThousandSeedsFindNoWrongByte() throws Exception {
        Set<Long> different = new HashSet<>();
        long echoed = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            try (var once = new EchoRun(seed).go()) {
                assertThat(once.wrong()).as("seed %d", seed).isEmpty();
                assertThat(once.lives())
                        .as("seed %d: the clients connect", seed)
                        .isGreaterThanOrEqualTo(2);
                different.add(once.net().fingerprint());
                echoed += once.echoed();
                if (seed % AGAIN_EACH == 0) {
                    assertThat(fingerprintOf(seed))
                            .as("seed %d, a second time", seed)
                            .isEqualTo(once.net().fingerprint());
                }
            }
        }
        assertThat(different).hasSize(SEEDS);
        assertThat(echoed).isGreaterThan(SEEDS * 500L);
    }
}
