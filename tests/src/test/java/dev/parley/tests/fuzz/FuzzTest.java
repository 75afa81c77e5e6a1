package dev.parley.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Tests every target on its seeds, which include the inputs that fuzzing has found, and on some thousand changes of
 * them. {@code -Dparley.fuzz.seed=N} makes other changes, {@code -Dparley.fuzz.factor=N} that many times more.
 */
@Timeout(600)
class FuzzTest {
    private static final long SEED = Long.getLong("parley.fuzz.seed", 1);
    private static final int FACTOR = Integer.getInteger("parley.fuzz.factor", 1);

    @TestFactory
    Stream<DynamicContainer> whatMustHoldHolds() {
        return Stream.of(Targets.values()).map(target -> dynamicContainer(target.title(), testsOf(target)));
    }

    private static Stream<DynamicTest> testsOf(Targets target) {
        return Stream.of(
                dynamicTest("seeds", () -> run(target, Seeds.of(target))),
                dynamicTest("changes of seed " + SEED, () -> run(target, changes(target))));
    }

    private static List<byte[]> changes(Targets target) {
        var mutations = new Mutations(Seeds.of(target), Seeds.words(), new Random(SEED));
        return Stream.generate(mutations::next)
                .limit((long) target.rounds() * FACTOR)
                .toList();
    }

    private static void run(Targets target, List<byte[]> inputs) {
        assertThat(inputs).isNotEmpty();
        try (Target open = target.open()) {
            for (byte[] input : inputs) {
                try {
                    open.run(input);
                } catch (RuntimeException | Error found) {
                    throw new AssertionError(
                            "seed " + SEED + ", a line for " + target.title() + ".txt: " + SeedText.line(input), found);
                }
            }
        }
    }

    @Test
    void aLineOfASeedFileIsTheBytesAgain() {
        var random = new Random(SEED);
        var bytes = new byte[40];
        for (int round = 0; round < 2_000; round++) {
            random.nextBytes(bytes);
            assertThat(SeedText.bytes(SeedText.line(bytes))).isEqualTo(bytes);
        }
        assertThat(SeedText.line(SeedText.bytes("ä\\x00\\x5c🐶\\xff"))).isEqualTo("ä\\x00\\x5c🐶\\xff");
    }
}
