package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a real network that drops packets silently: a client and a server in namespaces of their own, and a router
 * between them that stops to forward, loses packets or is slow. Root alone may make such, so it runs with {@code
 * -Dparley.netns=true}.
 */
@Timeout(300)
class NetworkCutTest {
    private static final Duration FOUND = Duration.ofMillis(2_500);
    private static final Duration CUT = Duration.ofSeconds(5);
    private static final Duration TROUBLED = Duration.ofSeconds(15);
    private static final Duration RECOVERED = Duration.ofSeconds(5);

    private final Programs programs = new Programs();
    private final String tag = "parley" + ProcessHandle.current().pid();
    private final String left = tag + "l";
    private final String right = tag + "r";
    private final String router = tag + "m";
    private final List<String> made = new ArrayList<>();

    @BeforeEach
    void makeNetwork() throws Exception {
        assumeTrue(Boolean.getBoolean("parley.netns"), "needs root and network namespaces: -Dparley.netns=true");
        mayMakeNamespaces();
        for (String each : List.of(left, right, router)) {
            run("ip", "netns", "add", each);
            made.add(each);
            run("ip", "-n", each, "link", "set", "lo", "up");
        }
        link(left, "10.77.1");
        link(right, "10.77.2");
        forward(true);
    }

    private void mayMakeNamespaces() throws Exception {
        try {
            run("ip", "netns", "add", tag);
            run("ip", "netns", "del", tag);
        } catch (IOException | AssertionError notHere) {
            abort("no network namespaces here: " + notHere.getMessage());
        }
    }

    /** Makes a link from one of the ends, which is .2, to the router, which is .1. */
    private void link(String end, String net) throws Exception {
        String far = "far" + net.charAt(net.length() - 1);
        run("ip", "-n", end, "link", "add", "near", "type", "veth", "peer", "name", far, "netns", router);
        run("ip", "-n", end, "addr", "add", net + ".2/24", "dev", "near");
        run("ip", "-n", router, "addr", "add", net + ".1/24", "dev", far);
        run("ip", "-n", end, "link", "set", "near", "up");
        run("ip", "-n", router, "link", "set", far, "up");
        run("ip", "-n", end, "route", "add", "default", "via", net + ".1");
    }

    private void forward(boolean whether) throws Exception {
        run("ip", "netns", "exec", router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=" + (whether ? 1 : 0));
    }

    private static void run(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as("%s: %s", String.join(" ", command), said)
                .isZero();
    }

    @AfterEach
    void removeNetwork() throws Exception {
        programs.close();
        for (String each : made) {
            run("ip", "netns", "del", each);
        }
    }

    /**
     * Lets one packet of a hundred be lost, and a megabit a second go each way: all that the load needs, and not more.
     */
    private void trouble() throws Exception {
        nft("add table ip parley");
        nft("add chain ip parley forward { type filter hook forward priority 0 ; }");
        nft("add rule ip parley forward numgen random mod 100 < 1 drop");
        for (String far : List.of("far1", "far2")) {
            run(
                    "tc", "-n", router, "qdisc", "add", "dev", far, "root", "tbf", "rate", "1mbit", "burst", "32kbit",
                    "latency", "400ms");
        }
    }

    private void heal() throws Exception {
        nft("delete table ip parley");
        for (String far : List.of("far1", "far2")) {
            run("tc", "-n", router, "qdisc", "del", "dev", far, "root");
        }
    }

    private void nft(String command) throws Exception {
        run("ip", "netns", "exec", router, "nft", command);
    }

    private Programs.Running peer(String namespace, String... args) throws IOException {
        return programs.mainUnder(List.of("ip", "netns", "exec", namespace), List.of(), FarPeer.class, args);
    }

    private Programs.Running server(String transport) throws IOException {
        Usable.transport(transport);
        var server = peer(right, "server", transport, "tcp://10.77.2.2:7000");
        assertThat(server.firstLine()).startsWith("listening");
        return server;
    }

    @ParameterizedTest
    @CsvSource({"nio, idle", "io_uring, idle", "nio, write", "io_uring, write"})
    void aPeerThatVanishedIsMissedByBothSides(String transport, String state) throws Exception {
        var server = server(transport);
        var client = peer(left, state, transport, "tcp://10.77.2.2:7000");
        Await.until(
                "it is under way",
                () -> client.outSoFar().contains("under way")
                        || server.outSoFar().contains("under way"));
        forward(false);
        long cut = System.nanoTime();
        Await.until("the client has missed it", () -> client.outSoFar().contains("closed: "));
        long clientMillis = (System.nanoTime() - cut) / 1_000_000;
        Await.until("the server has missed it", () -> server.outSoFar().contains("closed: "));
        long serverMillis = (System.nanoTime() - cut) / 1_000_000;
        Await.until("the caller is told", () -> client.outSoFar().contains("ended: "));
        System.out.printf(
                "promise C7: %s, %s: packets vanish: missed by the client after %d ms (%s), by both after %d ms (%s)%n",
                transport, state, clientMillis, closedOf(client), serverMillis, closedOf(server));
        assertThat(serverMillis).isLessThanOrEqualTo(FOUND.toMillis());
    }

    private static String closedOf(Programs.Running peer) {
        return peer.outSoFar()
                .lines()
                .filter(line -> line.startsWith("closed: "))
                .findFirst()
                .orElse("");
    }

    private static long count(Programs.Running peer, String line) {
        return peer.outSoFar().lines().filter(each -> each.equals(line)).count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aNetworkThatHealsIsUsedAgain(String transport) throws Exception {
        withoutAWrongOrLateAnswer(transport, "cut", CUT, () -> forward(false), () -> forward(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aNetworkThatLosesPacketsAndIsSlowIsBorne(String transport) throws Exception {
        assumeTrue(Programs.has("nft"), "nft is not installed");
        withoutAWrongOrLateAnswer(transport, "1 % lost, 1 Mbit/s", TROUBLED, this::trouble, this::heal);
    }

    /** A change of the network. */
    private interface Change {
        void make() throws Exception;
    }

    private void withoutAWrongOrLateAnswer(String transport, String what, Duration time, Change begin, Change end)
            throws Exception {
        var server = server(transport);
        var client = peer(left, "load", transport, "tcp://10.77.2.2:7000");
        Await.until("it is under load", () -> count(client, "answered") > 200);
        long atFirst = count(client, "answered");
        begin.make();
        assertThat(Await.within(time, () -> !client.process.isAlive())).isFalse();
        end.make();
        long healed = System.nanoTime();
        long before = count(client, "answered");
        Await.until("it is answered again", () -> count(client, "answered") > before);
        long recoveredMillis = (System.nanoTime() - healed) / 1_000_000;
        Await.until("it is under load again", () -> count(client, "answered") > before + 200);
        long longestMillis = client.outSoFar()
                .lines()
                .filter(line -> line.startsWith("took "))
                .mapToLong(line -> Long.parseLong(line.split(" ", 3)[1]))
                .max()
                .orElseThrow();
        System.out.printf(
                "promise R10: %s: %s for %d s under load: %d answered meanwhile, %d wrong, a call with a deadline of %d"
                        + " ms takes %d ms at most, answered again %d ms after it healed%n",
                transport,
                what,
                time.toSeconds(),
                before - atFirst,
                count(client, "wrong"),
                FarPeer.DEADLINE.toMillis(),
                longestMillis,
                recoveredMillis);
        assertThat(count(client, "wrong")).isZero();
        assertThat(longestMillis).isLessThan(FarPeer.DEADLINE.toMillis() + 500);
        assertThat(recoveredMillis).isLessThanOrEqualTo(RECOVERED.toMillis());
        assertThat(server.errSoFar()).doesNotContain("Exception");
    }
}
