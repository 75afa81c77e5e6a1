package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.testkit.FaultProxy;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that each request ends once and with the truth, whatever a bus loses, a broker does and nodes suffer. {@code
 * -Dparley.cluster.seeds=N} runs more seeds, {@code -Dparley.seed=N} one, {@code -Dparley.chaos.minutes=N} lets the
 * brokers suffer longer.
 */
@Timeout(value = 45, unit = TimeUnit.MINUTES)
class ClusterTruthTest {
    private static final int SEEDS = Integer.getInteger("parley.cluster.seeds", 5);
    private static final int ROUNDS = 400;
    private static final Duration LIMIT = Duration.ofMillis(400);
    private static final Duration CHAOS =
            Duration.ofMinutes(Long.getLong("parley.chaos.minutes", 0)).plusSeconds(8);

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    @Test
    void aBusThatLosesAndDelaysLeadsToNoUntruth() throws Exception {
        Long only = Long.getLong("parley.seed");
        long first = only == null ? System.nanoTime() : only;
        for (long seed = first; seed < first + (only == null ? SEEDS : 1); seed++) {
            var nodes = new CountingNodes();
            try (var cluster = Cluster.connect("faulty://any", List.of(FaultyBus.provider(seed)));
                    var _ = nodes.addTo(bed.server().cluster(cluster)).listen("tcp://localhost:0");
                    var _ = nodes.addTo(bed.server().cluster(cluster)).listen("tcp://localhost:0");
                    var entrance = bed.server().cluster(cluster).listen("tcp://localhost:0");
                    var client = Client.connect(entrance.address())) {
                load(nodes, client, seed, ROUNDS);
            }
            System.out.println("promise truth: seed " + seed + ": " + nodes);
            assertThat(nodes.untrue()).as("seed " + seed).isEmpty();
            assertThat(nodes.answered).as("seed " + seed).hasPositiveValue();
            assertThat(nodes.notProcessed).as("seed " + seed).hasPositiveValue();
            assertThat(nodes.unknown).as("seed " + seed).hasPositiveValue();
            assertThat(nodes.streamsWhole).as("seed " + seed).hasPositiveValue();
            assertThat(nodes.streamsBroken).as("seed " + seed).hasPositiveValue();
        }
    }

    private static void load(CountingNodes nodes, Client client, long seed, int rounds) {
        var random = new Random(seed);
        var calls = new ArrayList<CompletableFuture<?>>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < rounds; i++) {
                for (int j = 0; j < 4; j++) {
                    calls.add(nodes.call(client, LIMIT));
                }
                int length = random.nextInt(random.nextInt(10) == 0 ? 5_000 : 100);
                int kind = random.nextInt(3);
                if (i % 8 == 0) {
                    threads.execute(() -> {
                        switch (kind) {
                            case 0 -> nodes.upload(client, length);
                            case 1 -> nodes.duplex(client, length / 10);
                            default -> nodes.stream(client, length);
                        }
                    });
                }
                LockSupport.parkNanos(1_000_000);
            }
        }
        calls.forEach(CompletableFuture::join);
    }

    /** A node that is drained or closed now and then, and starts again in the same cluster. */
    private static final class Worker implements AutoCloseable {
        private final ServerBuilder settings;
        private Server server;

        Worker(ServerBuilder settings) throws IOException {
            this.settings = settings;
            server = settings.listen("tcp://localhost:0");
        }

        void restart(boolean drains) throws InterruptedException {
            if (drains) {
                server.drain(Duration.ofMillis(300));
            }
            server.close();
            Await.until("the node is there again", this::listens);
        }

        private boolean listens() {
            try {
                server = settings.listen("tcp://localhost:0");
                return true;
            } catch (IOException brokerIsAway) {
                return false;
            }
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private Cluster clusterAt(FaultProxy proxy) throws IOException {
        return bed.keep(
                Cluster.connect("nats://" + proxy.address().toString().substring("tcp://".length()) + "/truth"));
    }

    @Test
    void aBrokerBehindABadNetworkLeadsToNoUntruth() throws Exception {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        NatsServer broker = bed.keep(NatsServer.start("-js", "-sd", directory.toString()));
        var proxies = new ArrayList<FaultProxy>();
        var workers = new ArrayList<Worker>();
        var clusters = new ArrayList<Cluster>();
        var nodes = new CountingNodes();
        for (int i = 0; i < 3; i++) {
            FaultProxy proxy = bed.keep(FaultProxy.start(Address.parse("tcp://127.0.0.1:" + broker.port())));
            proxies.add(proxy);
            clusters.add(clusterAt(proxy));
            if (i > 0) {
                workers.add(bed.keep(new Worker(nodes.addTo(bed.server().cluster(clusters.getLast())))));
            }
        }
        var topics = new CountingTopics(clusters.getFirst(), clusters.getLast());
        var entrance = bed.keep(bed.server().cluster(clusters.getFirst()).listen("tcp://localhost:0"));
        Client client = bed.keep(Client.connect(entrance.address()));
        Thread trouble = Thread.ofVirtual().start(() -> trouble(random, broker, proxies, workers));
        while (trouble.isAlive()) {
            load(nodes, client, random.nextLong(), 20);
            topics.publish();
        }
        Await.until("calls are answered again", () -> {
            int before = nodes.answered.get();
            nodes.call(client, LIMIT).join();
            return nodes.answered.get() > before;
        });
        Await.until("what is stored is read", () -> {
            topics.publish();
            return topics.hasReadWhatIsStored() && topics.stored() > 0 && topics.got.get() > 0;
        });
        System.out.println("promise truth: seed " + seed + ": " + nodes + "; " + topics);
        assertThat(nodes.untrue()).as("seed " + seed).isEmpty();
        assertThat(topics.untrue()).as("seed " + seed).isEmpty();
        assertThat(nodes.answered).as("seed " + seed).hasPositiveValue();
        assertThat(nodes.streamsWhole).as("seed " + seed).hasPositiveValue();
    }

    private static void trouble(Random random, NatsServer broker, List<FaultProxy> proxies, List<Worker> workers) {
        long end = System.nanoTime() + CHAOS.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(random.nextInt(400) * 1_000_000L);
            FaultProxy proxy = proxies.get(random.nextInt(proxies.size()));
            try {
                switch (random.nextInt(8)) {
                    case 0 -> {
                        broker.kill();
                        broker.restart();
                    }
                    case 1 -> {
                        proxy.down();
                        LockSupport.parkNanos(random.nextInt(300) * 1_000_000L);
                        proxy.up();
                    }
                    case 2, 3 -> proxy.resetConnections();
                    case 4, 5 -> workers.get(random.nextInt(workers.size())).restart(random.nextBoolean());
                    default -> LockSupport.parkNanos(500_000_000L); // a while without trouble
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
