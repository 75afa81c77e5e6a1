package dev.parley.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Limits;
import dev.parley.net.Transports;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests slow, greedy and hostile peers against a process of little memory: each attacker is cut off, and the others are
 * served as before. Every build runs them all at once and small; {@code -Dparley.attacks=full} each by itself as well.
 */
@Timeout(300)
class AttackTest {
    private static final AttackTier TIER = AttackTier.ofThisRun();
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** The client is one of hundreds, on a host that may be busy with other things. */
    private static final long PIPELINED_MIN = 100;

    /** A timer may fire that much after its time. */
    private static final int LATE_MILLIS = 1_000;

    /** The time that the server drops what a peer still sends, after it has ended its own direction. */
    private static final long LINGER_MILLIS = Limits.DEFAULT.lingerTimeout().toMillis();

    /** The time until the kernel has taken what it takes of the answers to 300 clients, some 2.5 MiB for each. */
    private static final int FILLING_MILLIS = 4_000;

    static List<String> transportsInFull() {
        return TIER == AttackTier.FULL ? Transports.names() : List.of();
    }

    static List<String> transports() {
        return TIER == AttackTier.FULL
                ? Transports.names()
                : List.of(Transports.preferred().name());
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void slowHeadersHaveTenSeconds(String transport) throws Exception {
        try (var run = AttackRun.onAppServer(TIER, transport)) {
            var outcome = run.attack(Duration.ofSeconds(13), SECOND, Map.of(Attacks.SLOW_HEADER, 2_000));
            tell("S1", transport, outcome);
            eachIsTold("timeout", outcome.fate(Attacks.SLOW_HEADER), Duration.ofSeconds(10));
            closedAfter(Duration.ofSeconds(10), outcome.fate(Attacks.SLOW_HEADER), 0);
            unharmed(outcome);
            assertThat(outcome.rssGrowthMebibytes()).isLessThanOrEqualTo(32);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void slowContentHasThirtySecondsInAll(String transport) throws Exception {
        try (var run = AttackRun.onAppServer(TIER, transport)) {
            var outcome = run.attack(Duration.ofSeconds(33), SECOND, Map.of(Attacks.SLOW_CONTENT, 2_000));
            tell("S2", transport, outcome);
            eachIsTold("timeout", outcome.fate(Attacks.SLOW_CONTENT), Duration.ofSeconds(30));
            closedAfter(Duration.ofSeconds(30), outcome.fate(Attacks.SLOW_CONTENT), 0);
            unharmed(outcome);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void whoShowsNoCredentialsHasTenSeconds(String transport) throws Exception {
        try (var run = AttackRun.onAskingServer(TIER, transport)) {
            var outcome = run.attack(Duration.ofSeconds(13), SECOND, Map.of(Attacks.SILENT, 1_000));
            tell("S3", transport, outcome);
            eachIsTold("timeout", outcome.fate(Attacks.SILENT), Duration.ofSeconds(10));
            closedAfter(Duration.ofSeconds(10), outcome.fate(Attacks.SILENT), 0);
            unharmed(outcome);
        }
    }

    /** A quarter of the 10,000 connections may have shown no credentials. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void clientsWithoutCredentialsTakeNoOthersPlace(String transport) throws Exception {
        try (var run = AttackRun.onAskingServer(TIER, transport)) {
            var outcome = run.attack(Duration.ofSeconds(13), SECOND, Map.of(Attacks.SILENT, 4_000));
            tell("S3", transport, outcome);
            Fate fate = outcome.fate(Attacks.SILENT);
            assertThat(fate.of("timeout")).as("%s", fate).isEqualTo(2_500);
            assertThat(fate.of(Fate.CLOSED) + fate.of(Fate.RESET))
                    .as("%s", fate)
                    .isEqualTo(4_000);
            assertThat(fate.of("busy")).as("%s", fate).isPositive();
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void whoDoesNotReadIsClosedAfterTenSecondsWithoutProgress(String transport) throws Exception {
        try (var run = AttackRun.onAttackedServer(TIER, transport)) {
            var outcome = run.attack(Duration.ofSeconds(20), SECOND, Map.of(Attacks.DEAF, 300));
            tell("S4", transport, outcome);
            eachIsReset(outcome.fate(Attacks.DEAF));
            assertThat(outcome.reasons()).containsEntry("write-timeout", 300L);
            closedAfterFilling(outcome.fate(Attacks.DEAF));
            unharmed(outcome);
            assertThat(outcome.rssGrowthMebibytes()).isLessThanOrEqualTo(48);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void oneThatPipelinesWithoutPauseDoesNotHoldTheOthersUp(String transport) throws Exception {
        try (var run = AttackRun.onAppServer(TIER, transport)) {
            var outcome = run.attack(Duration.ofSeconds(10), SECOND, Map.of(Attacks.PIPELINING, 1));
            tell("S7", transport, outcome);
            isAnsweredWellAlone(outcome.fate(Attacks.PIPELINING));
            unharmed(outcome);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void handlersThatBlockBeyondTheCapAreRefused(String transport) throws Exception {
        try (var run = AttackRun.onTouchedServer(TIER, transport)) {
            var outcome = run.attack(Duration.ofSeconds(10), SECOND, Map.of(Attacks.BLOCKING, 150));
            tell("S8", transport, outcome);
            assertThat(outcome.fate(Attacks.BLOCKING).of(Replies.OK)).isEqualTo(10_000);
            assertThat(outcome.fate(Attacks.BLOCKING).of("busy")).isEqualTo(5_000);
            unharmed(outcome);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void whateverHandlersThrowCostsItsRequest(String transport) throws Exception {
        try (var run = AttackRun.onTouchedServer(TIER, transport)) {
            var outcome = run.attack(Duration.ofSeconds(5), SECOND, Map.of(Attacks.THROWING, 10));
            tell("S9", transport, outcome);
            eachIsAnsweredWithItsError(outcome.fate(Attacks.THROWING));
            assertThat(outcome.fate(Attacks.THROWING).of("busy")).isZero();
            unharmed(outcome);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("transportsInFull")
    void floodsAreClosedByTheirBudgets(String transport) throws Exception {
        try (var run = AttackRun.onAppServer(TIER, transport)) {
            var floods = Map.of(Attacks.CANCELS, 10, Attacks.PINGS, 10, Attacks.ERRORS, 10);
            var outcome = run.attack(Duration.ofSeconds(10), SECOND.dividedBy(10), floods);
            tell("S10", transport, outcome);
            outcome.fates().values().forEach(fate -> areClosed(fate, 10));
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void allAtOnceHarmNoOther(String transport) throws Exception {
        try (var run = AttackRun.onTouchedServer(TIER, transport)) {
            var attacks = TIER == AttackTier.FULL ? allInFull() : allInShort();
            var outcome = run.attack(TIER.time(Duration.ofSeconds(60)), TIER.time(SECOND), attacks);
            tell("S6", transport, outcome);
            eachIsAnsweredWithItsError(outcome.fate(Attacks.THROWING));
            if (TIER == AttackTier.SHORT) {
                eachMeetsItsEnd(outcome);
            } else {
                // In a short run a busy machine may give that client no turn; one that holds much is closed then.
                assertThat(outcome.fate(Attacks.PIPELINING).of(Replies.OK)).isGreaterThan(PIPELINED_MIN);
                unharmed(outcome);
            }
        }
    }

    /** Returns far more attackers than fit: contents of 300 MiB, streams that could hold more than 1 GiB. */
    private static Map<Attacks, Integer> allInFull() {
        var all = new EnumMap<Attacks, Integer>(Attacks.class);
        all.put(Attacks.SLOW_HEADER, 500);
        all.put(Attacks.SLOW_CONTENT, 200);
        all.put(Attacks.DEAF, 100);
        all.put(Attacks.PIPELINING, 1);
        all.put(Attacks.BLOCKING, 50);
        all.put(Attacks.THROWING, 5);
        all.put(Attacks.CANCELS, 5);
        all.put(Attacks.PINGS, 5);
        all.put(Attacks.ERRORS, 5);
        all.put(Attacks.HOARDING, 300);
        all.put(Attacks.UPLOADS, 10);
        all.put(Attacks.DOWNLOADS, 10);
        return all;
    }

    /** Returns as many attackers as fit, so that each reaches the end of its own attack. */
    private static Map<Attacks, Integer> allInShort() {
        var all = new EnumMap<Attacks, Integer>(Attacks.class);
        all.put(Attacks.SLOW_HEADER, 200);
        all.put(Attacks.SLOW_CONTENT, 20);
        all.put(Attacks.DEAF, 30);
        all.put(Attacks.PIPELINING, 1);
        all.put(Attacks.BLOCKING, 15);
        all.put(Attacks.THROWING, 2);
        all.put(Attacks.CANCELS, 2);
        all.put(Attacks.PINGS, 2);
        all.put(Attacks.ERRORS, 2);
        all.put(Attacks.HOARDING, 8);
        all.put(Attacks.DOWNLOADS, 2);
        return all;
    }

    private static void eachMeetsItsEnd(AttackRun.Outcome outcome) {
        eachIsTold("timeout", outcome.fate(Attacks.SLOW_HEADER), Duration.ofSeconds(10));
        for (Attacks slow : List.of(Attacks.SLOW_CONTENT, Attacks.HOARDING)) {
            eachIsTold("timeout", outcome.fate(slow), Duration.ofSeconds(30));
        }
        closedAfter(Duration.ofSeconds(10), outcome.fate(Attacks.SLOW_HEADER), 0);
        closedAfter(Duration.ofSeconds(30), outcome.fate(Attacks.SLOW_CONTENT), 0);
        for (Attacks deaf : List.of(Attacks.DEAF, Attacks.DOWNLOADS)) {
            eachIsReset(outcome.fate(deaf));
        }
        closedAfterFilling(outcome.fate(Attacks.DEAF));
        eachIsHandledOrRefused(outcome.fate(Attacks.BLOCKING));
        for (Attacks flood : List.of(Attacks.CANCELS, Attacks.PINGS, Attacks.ERRORS)) {
            areClosed(outcome.fate(flood), 2);
        }
    }

    // What becomes of attackers.

    /**
     * Each reads the error and then the end. An attacker that a busy host keeps from reading for longer than the server
     * lingers still reads the error, but a reset after it, since it goes on sending.
     */
    private static void eachIsTold(String status, Fate fate, Duration timeoutInFull) {
        assertThat(fate.of(status)).as("%s", fate).isEqualTo(fate.of(Fate.CONNECTIONS));
        long lingeredMillis = TIER.time(timeoutInFull).toMillis() + LINGER_MILLIS;
        long resets = fate.maxMillis(Attacker.SINCE_FIRST) >= lingeredMillis ? fate.of(Fate.RESET) : 0;
        assertThat(fate.of(Fate.CLOSED) + resets).as("%s", fate).isEqualTo(fate.of(Fate.CONNECTIONS));
    }

    private static void eachIsReset(Fate fate) {
        assertThat(fate.of(Fate.RESET)).as("%s", fate).isEqualTo(fate.of(Fate.CONNECTIONS));
    }

    /**
     * Asserts that each is closed after a time without progress. The kernel's buffers make progress at first, and from
     * here only its beginning is seen.
     */
    private static void closedAfterFilling(Fate fate) {
        closedAfter(Duration.ofSeconds(10), fate, FILLING_MILLIS);
    }

    private static void closedAfter(Duration inFull, Fate fate, int laterMillis) {
        long millis = TIER.time(inFull).toMillis();
        assertThat(fate.minMillis(Attacker.SINCE_FIRST)).as("%s", fate).isGreaterThanOrEqualTo(millis);
        if (TIER == AttackTier.FULL) {
            assertThat(fate.maxMillis(Attacker.SINCE_FIRST))
                    .as("%s", fate)
                    .isLessThanOrEqualTo(millis + LATE_MILLIS + laterMillis);
        }
    }

    private static void isAnsweredWellAlone(Fate fate) {
        assertThat(fate.of(Replies.OK)).as("%s", fate).isGreaterThan(PIPELINED_MIN);
        assertThat(fate.of(Fate.CLOSED) + fate.of(Fate.RESET)).as("%s", fate).isZero();
    }

    /** A throw costs its own request. If handlers that block have all places, those that throw find none. */
    private static void eachIsAnsweredWithItsError(Fate fate) {
        assertThat(fate.of("internal") + fate.of("busy"))
                .as("%s", fate)
                .isEqualTo(fate.of(Fate.CONNECTIONS) * Requesting.THROWN);
        assertThat(fate.of(Fate.CLOSED) + fate.of(Fate.RESET)).as("%s", fate).isZero();
    }

    /** On a busy host, the attackers run last, and may never have more requests under way than there are places. */
    private static void eachIsHandledOrRefused(Fate fate) {
        assertThat(fate.of(Replies.OK) + fate.of("busy"))
                .as("%s", fate)
                .isEqualTo(fate.of(Fate.CONNECTIONS) * Requesting.BATCH);
    }

    /** Asserts that all are closed but those that had just connected again when the attack ended. */
    private static void areClosed(Fate fate, int atOnce) {
        assertThat(fate.of(Fate.CLOSED) + fate.of(Fate.RESET))
                .as("%s", fate)
                .isGreaterThanOrEqualTo(Math.max(1, fate.of(Fate.CONNECTIONS) - atOnce));
        if (TIER == AttackTier.FULL) { // on a busy host, the attackers run last, and may have no turn to come back
            assertThat(fate.of(Fate.CONNECTIONS)).as("%s", fate).isGreaterThan(atOnce);
        }
    }

    // What becomes of the others.

    /**
     * Asserted only in full runs: on a host where other tests run at the same time, the figure says more about them
     * than about us.
     */
    private static void unharmed(AttackRun.Outcome outcome) {
        assertThat(outcome.during().p99Millis()).isLessThanOrEqualTo(outcome.p99BoundMillis());
    }

    private static void tell(String promise, String transport, AttackRun.Outcome outcome) {
        System.out.printf(Locale.ROOT, "promise %s: %s: %s%n", promise, transport, outcome.text());
    }
}
