package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Cluster;
import dev.parley.Codec;
import dev.parley.DurableTopic;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Durable topics that several servers of a broker store. */
@Timeout(180)
class ReplicasTest {
    private static final Codec<String> TEXT = Codec.of(String.class);

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private List<NatsServer> threeServers() throws IOException {
        List<Integer> routes = List.of(NatsServer.freePort(), NatsServer.freePort(), NatsServer.freePort());
        List<String> all =
                routes.stream().map(port -> "nats://127.0.0.1:" + port).toList();
        List<NatsServer> servers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            servers.add(bed.keep(NatsServer.start(
                    "-js",
                    "-sd",
                    directory.resolve("store" + i).toString(),
                    "--name",
                    "server" + i,
                    "--cluster_name",
                    "three",
                    "--cluster",
                    all.get(i),
                    "--routes",
                    String.join(",", all))));
        }
        return servers;
    }

    private static DurableTopic<String> orders(Cluster cluster) throws IOException {
        return cluster.durable("orders", TEXT, Duration.ofDays(1), 1_000_000);
    }

    private static boolean opens(Cluster cluster, List<DurableTopic<String>> into) {
        try {
            into.add(orders(cluster));
            return true;
        } catch (IOException theServersHaveNoLeaderYet) {
            return false;
        }
    }

    @Test
    void aTopicWithThreeCopiesOutlivesAnyServer() throws Exception {
        List<NatsServer> servers = threeServers();
        String list = "nats://127.0.0.1:" + servers.get(0).port() + ",127.0.0.1:"
                + servers.get(1).port() + ",127.0.0.1:" + servers.get(2).port();
        Cluster cluster = bed.keep(Cluster.connect(list + "/c?replicas=3"));
        List<DurableTopic<String>> opened = new ArrayList<>();
        Await.until("the servers store", () -> opens(cluster, opened));
        Connection tool =
                bed.keep(Nats.connect("nats://127.0.0.1:" + servers.get(2).port()));
        assertThat(tool.jetStreamManagement()
                        .getStreamInfo("parley=c=orders")
                        .getConfiguration()
                        .getReplicas())
                .isEqualTo(3);
        DurableTopic<String> orders = opened.getFirst();
        orders.publish("tea");
        servers.getFirst().kill();
        List<String> got = new CopyOnWriteArrayList<>();
        Await.until("a further value is stored", () -> publishes(orders, "coffee"));
        Await.until("the servers have a leader that makes readers", () -> reads(orders, got));
        Await.until("both are read", () -> got.contains("tea") && got.contains("coffee"));
    }

    private static boolean publishes(DurableTopic<String> topic, String value) {
        try {
            topic.publish(value);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static boolean reads(DurableTopic<String> topic, List<String> into) {
        try {
            topic.read("billing", into::add);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Test
    void oneServerRefusesThreeCopies() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("-js", "-sd", directory.toString()));
        Cluster cluster = bed.keep(Cluster.connect(broker.cluster("c") + "?replicas=3"));
        assertThatThrownBy(() -> orders(cluster))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not store the topic 'orders'")
                .hasMessageContaining("replicas");
    }
}
