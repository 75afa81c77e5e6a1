package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.net.time.Ticker;
import dev.parley.tests.bed.Programs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests three workers in processes of their own, of which one is killed every few seconds, and a server that passes on
 * every request. In full ({@code -Dparley.kills}) for as many kills, five seconds apart.
 */
@Timeout(900)
class KilledWorkersTest {
    private static final int KILLS = Integer.getInteger("parley.kills", 3);
    private static final long BETWEEN_NANOS =
            Duration.ofSeconds(Boolean.getBoolean("parley.full") ? 5 : 2).toNanos();
    private static final int PER_SECOND = 500;
    private static final Duration TIME_LIMIT = Duration.ofSeconds(2);
    private static final Duration LATEST = TIME_LIMIT.plusSeconds(5);

    private record Outcome(String name, Duration after) {}

    @Test
    void eachRequestEndsOnceByItsTimeLimit() throws Exception {
        try (NatsServer broker = NatsServer.start();
                var programs = new Programs();
                Cluster cluster = Cluster.connect(broker.cluster("kills"));
                Server entrance = Server.builder().cluster(cluster).listen("tcp://localhost:0");
                Client client = Client.connect(entrance.address())) {
            List<Programs.Running> workers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                workers.add(worker(programs, broker));
            }
            List<CompletableFuture<Outcome>> all = new ArrayList<>();
            for (int kill = 0; kill <= KILLS; kill++) {
                load(client, all);
                if (kill < KILLS) {
                    workers.get(kill % 3).process.destroyForcibly().onExit().join();
                    workers.set(kill % 3, worker(programs, broker));
                }
            }
            check(all);
        }
    }

    private static Programs.Running worker(Programs programs, NatsServer broker) throws Exception {
        Programs.Running worker =
                programs.parley("app", "server", "tcp://127.0.0.1:0", "--cluster", broker.cluster("kills"));
        assertThat(worker.firstLine()).startsWith("listening on ");
        return worker;
    }

    /** Sends requests at a constant rate until it is time for the next kill. */
    private static void load(Client client, List<CompletableFuture<Outcome>> all) {
        long began = Ticker.SYSTEM.nanos();
        for (long sent = 0; sent * 1_000_000_000L / PER_SECOND < BETWEEN_NANOS; sent++) {
            while (Ticker.SYSTEM.nanos() - began < sent * 1_000_000_000L / PER_SECOND) {
                LockSupport.parkNanos(500_000);
            }
            all.add(ask(client));
        }
    }

    private static CompletableFuture<Outcome> ask(Client client) {
        long began = Ticker.SYSTEM.nanos();
        Message asked = Message.json("{\"value\": \"ring\"}");
        return client.callAsync("search", asked, CallOptions.timeout(TIME_LIMIT))
                .handle((response, thrown) -> new Outcome(
                        thrown == null ? "ok" : nameOf(thrown), Duration.ofNanos(Ticker.SYSTEM.nanos() - began)))
                .toCompletableFuture();
    }

    private static String nameOf(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException e && e.getCause() != null ? e.getCause() : thrown;
        return switch (cause) {
            case RefusedException refused -> refused.code();
            case TimedOutException _ -> "timeout";
            default -> cause.toString();
        };
    }

    private static void check(List<CompletableFuture<Outcome>> all) throws Exception {
        Map<String, Integer> counts = new TreeMap<>();
        for (CompletableFuture<Outcome> each : all) {
            Outcome outcome = each.get();
            counts.merge(outcome.name(), 1, Integer::sum);
            assertThat(outcome.after()).as(outcome.name()).isLessThan(LATEST);
        }
        System.out.println("requests by outcome, with " + KILLS + " kills: " + counts);
        assertThat(counts.keySet()).isSubsetOf("ok", "timeout", "unavailable", "unknown-action");
        assertThat(counts.getOrDefault("unknown-action", 0)).isZero(); // two workers are always there
        assertThat(counts.get("ok")).isGreaterThan(all.size() / 2); // on a machine that does much else too
    }
}
