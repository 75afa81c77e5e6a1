package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests what a load balancer learns of a node whose broker is away. */
@Timeout(120)
class ClusterHealthTest {
    private static final String GET = "GET /health HTTP/1.1\r\nHost: one\r\n\r\n";

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    private Server listen(NatsServer broker, boolean needsCluster) throws IOException {
        ServerBuilder settings = bed.server()
                .cluster(bed.keep(Cluster.connect(broker.cluster("c"))))
                .httpHealth(true)
                .healthNeedsCluster(needsCluster)
                .on("here", request -> request);
        return bed.keep(settings.listen("tcp://localhost:0"));
    }

    private static String http(Server server) throws IOException {
        try (RawPeer peer = RawPeer.connect(server.address())) {
            return new String(peer.send(GET).receiveToEnd(), StandardCharsets.UTF_8);
        }
    }

    private static String health(Server server) throws Exception {
        try (Client client = Client.connect(server.address())) {
            return client.call("parley.health", Message.text("")).text();
        }
    }

    @Test
    void aNodeThatNeedsItsClusterSaysThatItIsIsolatedWhileTheBrokerIsAway() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        Server needing = listen(broker, true);
        Server other = listen(broker, false);
        assertThat(health(needing)).isEqualTo("{\"status\": \"serving\"}");
        assertThat(http(needing)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nserving\n");
        broker.kill();
        Await.until("it is noticed", () -> !needing.isServing());
        assertThat(health(needing)).isEqualTo("{\"status\": \"isolated\"}");
        assertThat(http(needing)).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\nisolated\n");
        assertThat(health(other)).isEqualTo("{\"status\": \"serving\"}");
        try (Client client = Client.connect(needing.address())) {
            assertThat(client.call("here", Message.text("x")).text()).isEqualTo("x");
        }
        broker.restart();
        Await.until("it is back", needing::isServing);
        assertThat(health(needing)).isEqualTo("{\"status\": \"serving\"}");
    }

    @Test
    void aClusterInsideTheProcessIsNeverAway() throws Exception {
        Cluster cluster = bed.keep(Cluster.inProcess());
        Server server =
                bed.keep(bed.server().cluster(cluster).healthNeedsCluster(true).listen("tcp://localhost:0"));
        assertThat(server.isServing()).isTrue();
    }

    @Test
    void theCommandHasAnOptionForIt() throws Exception {
        try (NatsServer broker = NatsServer.start();
                var programs = new Programs()) {
            String cluster = broker.cluster("c");
            Programs.Running server = programs.parley(
                    "app", "server", "tcp://127.0.0.1:0", "--cluster", cluster, "--health-needs-cluster");
            String address = Programs.addressOf(server);
            broker.kill();
            Await.until("the command says that the server is isolated", () -> isIsolated(programs, address));
            Programs.Running alone = programs.parley("app", "server", "tcp://127.0.0.1:0", "--health-needs-cluster");
            assertThat(alone.exitCode()).isEqualTo(2);
            assertThat(alone.err()).contains("--health-needs-cluster is about --cluster");
        }
    }

    private static boolean isIsolated(Programs programs, String address) {
        try {
            Programs.Running health = programs.parley("health", address);
            return health.exitCode() == 1 && health.out().equals("isolated\n");
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
