package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests that a node still handles its own requests if the broker floods it, lies or stops. */
@Timeout(120)
class BadBrokersTest {
    private static final Duration SOON = Duration.ofSeconds(2);

    /** Reading and parsing it makes copies. The broker of the test is in this process, and makes some too. */
    private static final long DESCRIPTION_COPIES_MAX = 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private Client node(String cluster) throws IOException {
        Server server = bed.keep(bed.server()
                .cluster(bed.keep(Cluster.connect(cluster)))
                .on("here", request -> request)
                .listen("tcp://localhost:0"));
        return bed.keep(Client.connect(server.address()));
    }

    /** Asserts that the node's own actions work, and that calls of others fail soon. */
    private static void assertAlive(Client client) throws IOException {
        assertThat(client.call("here", Message.text("x")).text()).isEqualTo("x");
        long began = System.nanoTime();
        assertThatThrownBy(() -> client.call("there", Message.text("x"), CallOptions.timeout(Duration.ofMillis(200))))
                .isInstanceOf(CallException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
    }

    @Test
    void floodsHarmNothingHere() throws Exception {
        try (var broker = new FakeBroker(FakeBroker.INFO)) {
            Client client = node(broker.cluster());
            for (String line : List.of("-ERR 'flood'\r\n", "-ERR 'Permissions Violation'\r\n", "PING\r\n", "+OK\r\n")) {
                Thread flood = Thread.startVirtualThread(() -> {
                    for (int i = 0; i < 100; i++) {
                        broker.send(line.repeat(1_000));
                    }
                });
                assertAlive(client);
                flood.join();
                assertAlive(client);
            }
        }
    }

    /** The node ends the connection, and connects again. */
    @Test
    void whatIsNotTheProtocolHarmsNothingHere() throws Exception {
        try (var broker = new FakeBroker(FakeBroker.INFO)) {
            Client client = node(broker.cluster());
            int count = broker.accepted();
            for (String text : List.of(
                    "MSG x 99 99999999999\r\n", "HMSG x 1 5 2\r\n", "MSG  \r\n", "garbage\r\n", "\0\0\0\0\r\n")) {
                broker.send(text);
                assertAlive(client);
                int before = count;
                Await.until("the node has connected again", () -> broker.accepted() > before);
                count = broker.accepted();
            }
            assertAlive(client);
        }
    }

    @Test
    void aSelfDescriptionOfTenMebibytesTakesAFewTimesItsBytes() throws Exception {
        String huge = FakeBroker.INFO.replace("\"x\"", "\"" + "x".repeat(10 * 1024 * 1024) + "\"");
        try (var broker = new FakeBroker(huge)) {
            long smallest = Long.MAX_VALUE; // other tests of this process allocate too
            for (int run = 0; run < 3; run++) {
                smallest = Math.min(smallest, allocatedToConnect(broker));
            }
            assertThat(smallest).isBetween((long) huge.length(), DESCRIPTION_COPIES_MAX * huge.length());
        }
        try (var broker = new FakeBroker(FakeBroker.INFO)) {
            Client client = node(broker.cluster());
            broker.send(huge);
            assertAlive(client);
        }
    }

    private static long allocatedToConnect(FakeBroker broker) throws IOException {
        long before = THREADS.getTotalThreadAllocatedBytes();
        long began = System.nanoTime();
        try (Cluster cluster = Cluster.connect(broker.cluster())) {
            assertThat(cluster.isConnected()).isTrue(); // it is a broker, though an odd one
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
        return THREADS.getTotalThreadAllocatedBytes() - before;
    }

    @Test
    void aBrokerThatIsTooOldSaysSo() throws Exception {
        try (var broker = new FakeBroker(FakeBroker.INFO.replace("\"proto\":1", "\"proto\":0"))) {
            assertThatThrownBy(() -> Cluster.connect(broker.cluster()).close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("it is too old");
        }
    }

    @Test
    void aBrokerThatCarriesNothingRefusesWhatGoesElsewhere() throws Exception {
        try (var broker = new FakeBroker(FakeBroker.INFO.replace("1048576", "1"))) {
            Client client = node(broker.cluster());
            assertThat(client.call("here", Message.text("x")).text()).isEqualTo("x");
            assertThatThrownBy(() -> client.call("there", Message.text("x")))
                    .isInstanceOfSatisfying(
                            RefusedException.class, e -> assertThat(e.code()).isEqualTo("content-too-large"));
        }
    }

    /** A broker in lame duck mode sends its clients away before it ends. */
    @Test
    void aBrokerThatIsAboutToStopIsFollowedByItsSuccessor() throws Exception {
        String settings = "lame_duck_duration: \"30s\"\nlame_duck_grace_period: \"1s\"\n";
        NatsServer broker = bed.keep(NatsServer.start(
                "-c",
                Files.writeString(directory.resolve("nats.conf"), settings).toString()));
        Client client = node(broker.cluster("c"));
        broker.lameDuck();
        Await.until("nothing is sent elsewhere", () -> isNotSent(client));
        assertThat(client.call("here", Message.text("x")).text()).isEqualTo("x");
        broker.kill();
        broker.restart();
        Await.until("the successor is asked", () -> isUnknown(client));
    }

    private static boolean isNotSent(Client client) {
        return "busy".equals(codeOf(client));
    }

    private static boolean isUnknown(Client client) {
        return "unknown-action".equals(codeOf(client));
    }

    private static String codeOf(Client client) {
        try {
            var _ = client.call("there", Message.text("x"), CallOptions.timeout(Duration.ofSeconds(1)));
            return "";
        } catch (RefusedException e) {
            return e.code();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
