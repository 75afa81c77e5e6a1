package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.MessageWriter;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.OfferedAction;
import dev.parley.nats.NatsBusProvider;
import dev.parley.net.LoopObserver;
import dev.parley.tests.bed.TestBed;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Measures the cost of a request between two nodes, and that of a request and its reply by jnats alone, with the same
 * bytes: the processor time of this process, which has both sides, but not that of the broker. It prints figures. On a
 * machine that is left alone, as in {@code ./check --soak}, it also asserts a bound, which is above the promise since
 * the figures vary. {@code -Dparley.nats.rounds=15 -Dparley.nats.requests=20000} makes them steadier.
 */
@Timeout(600)
class NatsCostTest {
    private static final int ROUNDS = Integer.getInteger("parley.nats.rounds", 3);
    private static final int REQUESTS = Integer.getInteger("parley.nats.requests", 3_000);
    private static final int AT_ONCE = 32;

    /** The maximum cost of the cluster, as a multiple of the cost of jnats. */
    private static final double BUS_MAX = 1.3;

    private static final Message REQUEST =
            Message.json("{\"action\": \"echo\", \"value\": \"" + "x".repeat(100) + "\"}");
    private static final NodeRequest NODE_REQUEST = new NodeRequest(REQUEST, null, Duration.ofSeconds(20));

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Answers each request with itself. */
    private static final class Echo implements ClusterBus.NodeHandler {
        @Override
        public CompletionStage<Message> handle(String action, NodeRequest request) {
            return CompletableFuture.completedFuture(request.message());
        }

        @Override
        public void handleStream(String action, NodeRequest request, boolean hasMore, NodeStream stream) {
            stream.cancel();
        }
    }

    @Test
    void aRequestBetweenNodesCostsLittleMoreThanOneOfJnats() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        var ways = new LinkedHashMap<String, Supplier<CompletableFuture<?>>>();
        ways.put("jnats", byJnats(broker));
        ways.put("bus", byBus(broker));
        ways.put("client to client", byClient(broker));
        Map<String, double[]> micros = new LinkedHashMap<>();
        ways.keySet().forEach(name -> micros.put(name, new double[ROUNDS]));
        for (Supplier<CompletableFuture<?>> way : ways.values()) {
            var _ = measure(way);
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (Map.Entry<String, Supplier<CompletableFuture<?>>> way : ways.entrySet()) {
                micros.getOrDefault(way.getKey(), new double[ROUNDS])[round] = measure(way.getValue());
            }
        }
        double alone = median(micros.getOrDefault("jnats", new double[1]));
        micros.forEach((name, each) -> System.out.printf(
                Locale.ROOT,
                "promise nats: %s: %.1f us of processor time for a request, %.2f times jnats%n",
                name,
                median(each),
                median(each) / alone));
        if (Boolean.getBoolean("parley.full")) {
            assertThat(median(micros.getOrDefault("bus", new double[1])) / alone)
                    .isLessThan(BUS_MAX);
        }
    }

    /** Returns calls over two connections of jnats: one asks, one replies. */
    private Supplier<CompletableFuture<?>> byJnats(NatsServer broker) throws Exception {
        String address = "nats://127.0.0.1:" + broker.port();
        Connection replies = bed.keep(Nats.connect(address));
        Connection asks = bed.keep(Nats.connect(address));
        replies.createDispatcher(message -> replies.publish(message.getReplyTo(), message.getData()))
                .subscribe("cost", "group");
        replies.flush(Duration.ofSeconds(5));
        byte[] bytes = new MessageWriter().write(REQUEST);
        return () -> asks.request("cost", bytes);
    }

    /** Returns calls over two buses: the difference is what the cluster adds to jnats. */
    private Supplier<CompletableFuture<?>> byBus(NatsServer broker) throws Exception {
        var provider = new NatsBusProvider();
        ClusterBus answers = bed.keep(provider.connect(URI.create(broker.cluster("cost")), LoopObserver.logging()));
        ClusterBus asks = bed.keep(provider.connect(URI.create(broker.cluster("cost")), LoopObserver.logging()));
        bed.keep(answers.offer(List.of(new OfferedAction("echo", OfferedAction.CALL, "", "")), new Echo())::withdraw);
        return () -> asks.request("echo", NODE_REQUEST).toCompletableFuture();
    }

    /**
     * Returns calls over the whole way: a client, a node that passes on, the bus, a node with its handler, and back.
     */
    private Supplier<CompletableFuture<?>> byClient(NatsServer broker) throws Exception {
        bed.keep(bed.server()
                .cluster(bed.keep(Cluster.connect(broker.cluster("whole"))))
                .onLoop("echo", request -> request.kept())
                .listen("tcp://localhost:0"));
        Client client = bed.keep(Client.connect(bed.keep(bed.server()
                        .cluster(bed.keep(Cluster.connect(broker.cluster("whole"))))
                        .listen("tcp://localhost:0"))
                .address()));
        return () -> client.callAsync(REQUEST, CallOptions.timeout(Duration.ofSeconds(20)))
                .toCompletableFuture();
    }

    private double measure(Supplier<CompletableFuture<?>> way) throws InterruptedException {
        var room = new Semaphore(AT_ONCE);
        var failed = new AtomicInteger();
        long began = system.getProcessCpuTime();
        for (int i = 0; i < REQUESTS; i++) {
            room.acquire();
            var _ = way.get().whenComplete((answer, thrown) -> {
                if (thrown != null) {
                    failed.incrementAndGet();
                }
                room.release();
            });
        }
        room.acquire(AT_ONCE);
        assertThat(failed).hasValue(0);
        return (system.getProcessCpuTime() - began) / 1e3 / REQUESTS;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
