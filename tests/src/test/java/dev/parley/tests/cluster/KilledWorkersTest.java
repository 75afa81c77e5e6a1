package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.net.time.Ticker;
import dev.parley.tests.bed.Programs;
import java.nio.file.Path;
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
import org.junit.jupiter.api.io.TempDir;

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

    /** The maximum delay after the time limit: on a machine with other work, the thread of the client waits too. */
    private static final Duration LATE_MAX =
            Boolean.getBoolean("parley.full") ? Duration.ofMillis(500) : Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    private record Outcome(int number, String name, boolean isNotProcessed, Duration after) {}

    @Test
    void eachRequestEndsByItsTimeLimitAndNoneRunsTwice() throws Exception {
        try (NatsServer broker = NatsServer.start();
                var programs = new Programs();
                Cluster cluster = Cluster.connect(broker.cluster("kills"));
                Server entrance = Server.builder().cluster(cluster).listen("tcp://localhost:0");
                Client client = Client.connect(entrance.address())) {
            List<Programs.Running> workers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                workers.add(worker(programs, broker, i));
            }
            List<CompletableFuture<Outcome>> all = new ArrayList<>();
            for (int kill = 0; kill <= KILLS; kill++) {
                load(client, all);
                if (kill < KILLS) {
                    workers.get(kill % 3).process.destroyForcibly().onExit().join();
                    workers.set(kill % 3, worker(programs, broker, kill % 3));
                }
            }
            check(all);
        }
    }

    private Path journal(int worker) {
        return directory.resolve("worker" + worker);
    }

    private Programs.Running worker(Programs programs, NatsServer broker, int number) throws Exception {
        Programs.Running worker = programs.main(
                List.of(),
                JournalWorker.class,
                broker.cluster("kills"),
                journal(number).toString());
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
            all.add(ask(client, all.size()));
        }
    }

    private static CompletableFuture<Outcome> ask(Client client, int number) {
        long began = Ticker.SYSTEM.nanos();
        return client.callAsync(JournalWorker.ORDER, number, CallOptions.timeout(TIME_LIMIT))
                .handle((response, thrown) -> new Outcome(
                        number,
                        thrown == null ? "ok" : nameOf(thrown),
                        thrown != null && isNotProcessed(thrown),
                        Duration.ofNanos(Ticker.SYSTEM.nanos() - began)))
                .toCompletableFuture();
    }

    private static Throwable causeOf(Throwable thrown) {
        return thrown instanceof CompletionException e && e.getCause() != null ? e.getCause() : thrown;
    }

    private static boolean isNotProcessed(Throwable thrown) {
        return causeOf(thrown) instanceof CallException e && e.outcome() == CallException.Outcome.NOT_PROCESSED;
    }

    private static String nameOf(Throwable thrown) {
        Throwable cause = causeOf(thrown);
        return switch (cause) {
            case RefusedException refused -> refused.code();
            case TimedOutException _ -> "timeout";
            default -> cause.toString();
        };
    }

    private void check(List<CompletableFuture<Outcome>> all) throws Exception {
        Map<String, Integer> counts = new TreeMap<>();
        Duration longest = Duration.ZERO;
        List<Outcome> outcomes = new ArrayList<>();
        for (CompletableFuture<Outcome> each : all) {
            Outcome outcome = each.get();
            outcomes.add(outcome);
            counts.merge(outcome.name(), 1, Integer::sum);
            longest = longest.compareTo(outcome.after()) > 0 ? longest : outcome.after();
        }
        System.out.println("requests by outcome, with " + KILLS + " kills: " + counts + ", the longest: " + longest);
        assertThat(longest).isLessThanOrEqualTo(TIME_LIMIT.plus(LATE_MAX));
        assertThat(counts.keySet()).isSubsetOf("ok", "timeout", "unavailable", "unknown-action");
        assertThat(counts.getOrDefault("unknown-action", 0)).isZero(); // two workers are always there
        assertThat(counts.get("ok")).isGreaterThan(all.size() / 2); // on a machine that does much else too
        checkOnce(outcomes);
    }

    /** No request runs twice, and what clients were told is true. */
    private void checkOnce(List<Outcome> outcomes) throws Exception {
        Map<Integer, Integer> handled = JournalWorker.handled(List.of(journal(0), journal(1), journal(2)));
        assertThat(handled.values()).isNotEmpty().containsOnly(1);
        for (Outcome outcome : outcomes) {
            boolean isHandled = handled.containsKey(outcome.number());
            if (outcome.name().equals("ok") || outcome.isNotProcessed()) {
                assertThat(isHandled).as(outcome.toString()).isNotEqualTo(outcome.isNotProcessed());
            }
        }
    }
}
