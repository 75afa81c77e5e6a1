package dev.parley.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One attack: a server in a process of little memory, good clients, first alone, and then attackers besides, in a
 * process of their own that gets what the others leave of the processors.
 */
final class AttackRun implements AutoCloseable {
    private static final List<String> LITTLE_MEMORY =
            with(Programs.LITTLE_MEMORY, List.of("-XX:+ExitOnOutOfMemoryError"));

    /**
     * If a collector moves surviving objects to heap pages that were never used before, it waits for the system to
     * provide them: two thirds of the pause where 10,000 handlers have their stacks. So a server with promised times
     * asks for all of them at the start.
     */
    private static final List<String> TOUCHED = List.of("-Xms128m", "-XX:+AlwaysPreTouch");

    private static final String ANY_PORT = "tcp://127.0.0.1:0";
    private static final Duration CLEAN_END = Duration.ofSeconds(2);
    private static final Duration FIRST_ROUND = Duration.ofSeconds(3);
    private static final int LOOK_EVERY_MILLIS = 20;
    private static final int FEW = 8;

    private final Programs programs = new Programs();
    private final AttackTier tier;
    private final Programs.Running server;
    private final Address.Tcp address;
    private final GoodClients good;

    private AttackRun(AttackTier tier, Start start) throws Exception {
        this.tier = tier;
        server = start.in(programs);
        address = (Address.Tcp) Address.parse(Programs.addressOf(server));
        good = new GoodClients(address);
    }

    private interface Start {
        Programs.Running in(Programs programs) throws Exception;
    }

    /** Runs an attack on the application's server, as users start it. */
    static AttackRun onAppServer(AttackTier tier, String transport) throws Exception {
        return new AttackRun(
                tier,
                programs -> programs.parleyWith(LITTLE_MEMORY, "app", "server", ANY_PORT, "--transport", transport));
    }

    /** Runs an attack on a server with handlers that are worth an attack. */
    static AttackRun onAttackedServer(AttackTier tier, String transport) throws Exception {
        return onAttackedServer(tier, transport, LITTLE_MEMORY);
    }

    /**
     * Runs an attack on the same server, whose heap has all its pages from the start: its growth says nothing, its
     * pauses do.
     */
    static AttackRun onTouchedServer(AttackTier tier, String transport) throws Exception {
        return onAttackedServer(tier, transport, with(LITTLE_MEMORY, TOUCHED));
    }

    private static List<String> with(List<String> options, List<String> further) {
        return Stream.concat(options.stream(), further.stream()).toList();
    }

    /** Runs an attack on the same server with this heap: {@code -Xmx64m}, or none for the default. */
    static AttackRun onServerWith(AttackTier tier, String transport, List<String> heap) throws Exception {
        return onAttackedServer(tier, transport, with(heap, List.of("-XX:+ExitOnOutOfMemoryError")));
    }

    private static AttackRun onAttackedServer(AttackTier tier, String transport, List<String> jvm) throws Exception {
        String divisor = String.valueOf(tier.divisor());
        return new AttackRun(tier, programs -> programs.main(jvm, AttackedServer.class, ANY_PORT, transport, divisor));
    }

    /** Runs an attack on the same server, if nothing is answered before credentials are shown. */
    static AttackRun onAskingServer(AttackTier tier, String transport) throws Exception {
        String divisor = String.valueOf(tier.divisor());
        return new AttackRun(
                tier,
                programs -> programs.main(
                        LITTLE_MEMORY, AttackedServer.class, ANY_PORT, transport, divisor, AttackedServer.ASKING));
    }

    /** The observations of an attack. */
    record Outcome(
            Latencies quiet,
            Latencies during,
            long rssBeforeKib,
            long rssMostKib,
            Map<Attacks, Fate> fates,
            Map<String, Long> reasons) {
        Fate fate(Attacks kind) {
            return Objects.requireNonNull(fates.get(kind), "it is not under way: " + kind);
        }

        double rssGrowthMebibytes() {
            return (rssMostKib - rssBeforeKib) / 1024.0;
        }

        /** Returns the bound of the good clients' times, if they are unharmed. */
        double p99BoundMillis() {
            return 2 * quiet.p99Millis() + 5;
        }

        String text() {
            return String.format(
                    "others: %d answers, none wrong; quiet %s, under attack %s; RSS %.0f MiB, at most %+.1f MiB; %s %s",
                    during.count(),
                    quiet,
                    during,
                    rssBeforeKib / 1024.0,
                    rssGrowthMebibytes(),
                    fates.values(),
                    reasons);
        }
    }

    /** Attacks for at most this time, with so many attackers of each kind, some of which do something in each beat. */
    Outcome attack(Duration time, Duration beat, Map<Attacks, Integer> attacks) throws Exception {
        good.during(tier.warmUp());
        if (tier == AttackTier.FULL) {
            firstRound(beat, attacks);
        }
        System.gc(); // now and not while it measures: a pause of this process would count as the server's
        Latencies quiet = good.during(tier.quiet());
        ServerVitals before = ServerVitals.of(pid());
        int saidBefore = server.errSoFar().length();
        int first = good.sent();
        Programs.Running attackers = attackers(time, beat, attacks);
        long most = before.rssKib();
        while (server.process.isAlive() && !attackers.process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
            most = Math.max(most, ServerVitals.rssKib(pid()));
        }
        stillLives();
        Latencies during = good.since(first);
        assertThat(attackers.exitCode()).as(() -> attackers.err()).isZero();
        Map<Attacks, Fate> fates = fates(attackers.out());
        cleanEnd(before);
        Map<String, Long> reasons = reasons(server.errSoFar().substring(saidBefore));
        return new Outcome(quiet, during, before.rssKib(), most, fates, reasons);
    }

    /**
     * A JVM that has just been started compiles what is attacked, and touches its heap for the first time, at the cost
     * of everybody: a tenth of a second or two, once. What is measured is a server that has seen some of it before.
     */
    private void firstRound(Duration beat, Map<Attacks, Integer> attacks) throws Exception {
        ServerVitals before = ServerVitals.of(pid());
        var some = new EnumMap<Attacks, Integer>(Attacks.class);
        attacks.forEach((kind, count) -> some.put(kind, Math.ceilDiv(count, 10)));
        attackers(FIRST_ROUND, beat, some).exitCode();
        stillLives();
        Await.until("the server is as it was before the first round", () -> isBackTo(before));
        good.during(tier.warmUp());
    }

    private void stillLives() {
        assertThat(server.process.isAlive())
                .as(() -> "the server lives: " + server.outSoFar() + server.errSoFar())
                .isTrue();
    }

    private static Map<String, Long> reasons(String said) {
        return said.lines()
                .filter(line -> line.startsWith(AttackedServer.CLOSED))
                .map(line -> line.substring(AttackedServer.CLOSED.length()))
                .collect(Collectors.groupingBy(reason -> reason, TreeMap::new, Collectors.counting()));
    }

    private Programs.Running attackers(Duration time, Duration beat, Map<Attacks, Integer> attacks) throws Exception {
        var args = new ArrayList<>(List.of(
                String.valueOf(address.port()), String.valueOf(time.toMillis()), String.valueOf(beat.toMillis())));
        attacks.forEach((kind, count) -> args.add(kind + "=" + count));
        return programs.mainUnder(List.of("nice", "-n", "19"), List.of(), Attackers.class, args.toArray(String[]::new));
    }

    private static Map<Attacks, Fate> fates(String out) {
        var fates = new EnumMap<Attacks, Fate>(Attacks.class);
        out.lines().skip(1).map(Fate::parse).forEach(fate -> fates.put(fate.kind(), fate));
        return fates;
    }

    private long pid() {
        return server.process.pid();
    }

    /**
     * Asserts that the others were served all the while, that the server is as it was before, and that it has logged no
     * problem.
     */
    private void cleanEnd(ServerVitals before) throws InterruptedException {
        boolean isClean = Await.within(CLEAN_END, () -> isBackTo(before));
        assertThat(isClean)
                .as(() -> "the server had " + before + " and now has " + ServerVitals.of(pid()))
                .isTrue();
        good.during(tier.warmUp());
        assertThat(good.errors()).isEmpty();
        assertThat(server.errSoFar()).doesNotContain("ERROR", "Exception", "OutOfMemory", "Error:");
        assertThat(server.outSoFar()).doesNotContain("OutOfMemory");
    }

    private boolean isBackTo(ServerVitals before) {
        ServerVitals now = ServerVitals.of(pid());
        return now.descriptors() <= before.descriptors() + FEW && now.threads() <= before.threads() + FEW;
    }

    @Override
    public void close() throws IOException {
        try (programs) {
            good.close();
        }
    }
}
