package dev.parley.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Transports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests peers that ask for far more than they send: what a connection can make a server hold is bounded before its
 * handlers run, and nothing whose cost a peer chooses runs on the loop. Every build tries four of them at once with a
 * heap of 64 MiB, and asserts that no other client misses an answer; {@code -Dparley.attacks=full} 1, 4 and 16 of each,
 * with that heap and with the default one, and holds the times as well.
 */
@Timeout(300)
class CostlyPeersTest {
    private static final AttackTier TIER = AttackTier.ofThisRun();
    private static final boolean IS_FULL = TIER == AttackTier.FULL;
    private static final List<String> SMALL_HEAP = List.of("-Xmx64m");
    private static final Duration BEAT = Duration.ofSeconds(1);

    /** The promised median of the others' answers. */
    private static final double MEDIAN_MILLIS_MAX = 20;

    private static final double WORST_MILLIS_MAX = 500;

    record Case(String transport, Attacks attack, int attackers, List<String> heap) {}

    static List<Case> cases() {
        var cases = new ArrayList<Case>();
        for (String transport :
                IS_FULL ? Transports.names() : List.of(Transports.preferred().name())) {
            for (Attacks attack : List.of(Attacks.GREEDY, Attacks.COSTLY, Attacks.COSTLY_PACKED)) {
                for (int attackers : IS_FULL ? List.of(1, 4, 16) : List.of(4)) {
                    for (List<String> heap : IS_FULL ? List.of(SMALL_HEAP, List.<String>of()) : List.of(SMALL_HEAP)) {
                        cases.add(new Case(transport, attack, attackers, heap));
                    }
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void othersAreServed(Case of) throws Exception {
        try (var run = AttackRun.onServerWith(TIER, of.transport(), of.heap())) {
            var outcome = run.attack(
                    IS_FULL ? Duration.ofSeconds(6) : Duration.ofSeconds(1), BEAT, Map.of(of.attack(), of.attackers()));
            System.out.printf(Locale.ROOT, "promise S11: %s: %s%n", of, outcome.text());
            assertThat(outcome.during().count()).isPositive();
            if (IS_FULL) {
                assertThat(outcome.during().percentileMillis(50)).isLessThanOrEqualTo(MEDIAN_MILLIS_MAX);
                assertThat(outcome.during().percentileMillis(100)).isLessThanOrEqualTo(WORST_MILLIS_MAX);
            }
        }
    }
}
