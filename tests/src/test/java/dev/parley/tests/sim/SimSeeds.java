package dev.parley.tests.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;

/**
 * Runs a simulation for many seeds. A seed that fails is in the message: {@code -Dparley.sim.seed=N} repeats it alone,
 * and {@code -Dparley.sim.seeds=10000} runs so many.
 */
final class SimSeeds {
    private static final long FIRST = 1;
    private static final int COUNT = Integer.getInteger("parley.sim.seeds", 1_000);
    private static final int REPEAT_ONE_IN = 50;

    private SimSeeds() {}

    /** Runs the simulation once for each seed; some seeds are run again, and must give the same result. */
    interface Run {
        /**
         * Runs it.
         *
         * @param ends how often what ended how, to be added to
         * @return what it comes to
         */
        String run(long seed, long[] ends) throws Exception;
    }

    /** {@return how often what ended how; each must happen} */
    static long[] each(Run run, int kindsOfEnds) {
        Long only = Long.getLong("parley.sim.seed");
        long[] seeds = only == null ? LongStream.range(FIRST, FIRST + COUNT).toArray() : new long[] {only};
        var ends = new long[kindsOfEnds];
        for (long seed : seeds) {
            String came = run(run, seed, ends);
            if (seed % REPEAT_ONE_IN == 0) {
                assertThat(run(run, seed, new long[kindsOfEnds]))
                        .as("the same seed again, %d", seed)
                        .isEqualTo(came);
            }
        }
        assertThat(only != null || LongStream.of(ends).allMatch(count -> count > 0))
                .isTrue();
        return ends;
    }

    /** Returns how many seeds there are. */
    static int count() {
        return Long.getLong("parley.sim.seed") == null ? COUNT : 1;
    }

    private static String run(Run run, long seed, long[] ends) {
        try {
            return run.run(seed, ends);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
