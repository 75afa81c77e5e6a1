package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Codec;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.Topic;
import dev.parley.net.BindFailedException;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.tls.Authority;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.service.Discovery;
import io.nats.service.EndpointStats;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a cluster with its broker: one that goes away, refuses, carries little, or lies. */
@Timeout(300)
class NatsClusterTest {
    private static final Duration ERROR_WITHIN = Duration.ofSeconds(2);
    private static final Duration BACK_WITHIN = Duration.ofSeconds(5);

    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }

    private NatsServer broker(String... options) throws IOException {
        return keep(NatsServer.start(options));
    }

    private ServerBuilder node(String address) throws IOException {
        return Server.builder().cluster(keep(Cluster.connect(address)));
    }

    private Client entrance(String address) throws IOException {
        return keep(
                Client.connect(keep(node(address).listen("tcp://localhost:0")).address()));
    }

    /** Returns a connection of another program. */
    private Connection tool(NatsServer broker) throws IOException, InterruptedException {
        Connection tool = Nats.connect("nats://127.0.0.1:" + broker.port());
        open.add(tool);
        return tool;
    }

    private void echoAt(String address) throws IOException {
        keep(node(address).on("echo", request -> request).listen("tcp://localhost:0"));
    }

    @Test
    void withoutABrokerRequestsFailSoonAndOnceItIsBackTheyPassAgain() throws Exception {
        NatsServer broker = broker();
        echoAt(broker.cluster("c"));
        Client client = entrance(broker.cluster("c"));
        assertThat(client.call("echo", Message.text("before")).text()).isEqualTo("before");
        broker.kill();
        long killed = System.nanoTime();
        assertThatThrownBy(() -> client.call("echo", Message.text("during"))).isInstanceOf(CallException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(ERROR_WITHIN);
        Await.until("nothing is sent any more", () -> refusedAsNotProcessed(client));
        broker.restart();
        long back = System.nanoTime();
        Await.until("requests pass again", () -> ClusterBed.passes(client));
        assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(BACK_WITHIN);
    }

    private static boolean refusedAsNotProcessed(Client client) {
        try {
            var _ = client.call("echo", Message.text(""), CallOptions.timeout(Duration.ofSeconds(1)));
            return false;
        } catch (RefusedException e) {
            return e.outcome() == CallException.Outcome.NOT_PROCESSED
                    && e.code().equals("busy");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void itsToolsSeePingAndCountTheActions() throws Exception {
        NatsServer broker = broker();
        var greet = Action.of("house.greet", String.class, Integer.class);
        keep(node(broker.cluster("shop"))
                .on(greet, name -> name.length())
                .on("echo", request -> request)
                .listen("tcp://localhost:0"));
        Client client = entrance(broker.cluster("shop"));
        for (int i = 0; i < 7; i++) {
            assertThat(client.call(greet, "four")).isEqualTo(4);
        }
        Connection tool = tool(broker);
        var discovery = new Discovery(tool, 500, 10);
        assertThat(discovery.ping("parley-shop")).hasSize(1);
        assertThat(discovery.info("parley-shop")).singleElement().satisfies(info -> assertThat(info.getEndpoints())
                .anySatisfy(endpoint -> {
                    assertThat(endpoint.getSubject()).isEqualTo("parley.shop.action.house.greet");
                    assertThat(endpoint.getMetadata())
                            .containsEntry("question", "String")
                            .containsEntry("answer", "Integer")
                            .containsEntry("kind", "call");
                }));
        assertThat(discovery.stats("parley-shop")).singleElement().satisfies(stats -> assertThat(
                        stats.getEndpointStatsList())
                .extracting(EndpointStats::getNumRequests)
                .contains(7L));
    }

    @Test
    void anActionWithOtherTypesOnAnotherNodeIsRefused() throws Exception {
        NatsServer broker = broker();
        keep(node(broker.cluster("c"))
                .on(Action.of("search", String.class, String.class), asked -> asked)
                .listen("tcp://localhost:0"));
        ServerBuilder other = node(broker.cluster("c")).on(Action.of("search", Integer.class, String.class), n -> "");
        assertThatThrownBy(() -> other.listen("tcp://localhost:0"))
                .isInstanceOf(BindFailedException.class)
                .hasMessageContaining("another node offers 'search' as call from String to String")
                .hasMessageContaining("this one as call from Integer to String");
        keep(node(broker.cluster("c"))
                .on(Action.of("search", String.class, String.class), asked -> asked)
                .listen("tcp://localhost:0"));
    }

    @Test
    void whatTheBrokerDoesNotCarryIsRefusedBeforeItIsSent() throws Exception {
        NatsServer broker = broker("-c", configuration("max_payload: 2000\n"));
        echoAt(broker.cluster("c"));
        keep(node(broker.cluster("c"))
                .on("grow", request -> Message.text("a".repeat(5_000)))
                .listen("tcp://localhost:0"));
        Client client = entrance(broker.cluster("c"));
        assertThat(client.call("echo", Message.text("a".repeat(1_500))).text()).hasSize(1_500);
        for (String action : List.of("echo", "grow")) {
            String content = action.equals("echo") ? "a".repeat(2_500) : "";
            assertThatThrownBy(() -> client.call(action, Message.text(content)))
                    .isInstanceOfSatisfying(RefusedException.class, e -> {
                        boolean isBeforeItIsSent = action.equals("echo");
                        assertThat(e.code()).isEqualTo(isBeforeItIsSent ? "content-too-large" : "internal");
                        assertThat(e.outcome())
                                .isEqualTo(
                                        isBeforeItIsSent
                                                ? CallException.Outcome.NOT_PROCESSED
                                                : CallException.Outcome.UNKNOWN);
                        assertThat(e.getMessage()).contains("carries 2000");
                    });
        }
        assertThat(client.call("echo", Message.text("still")).text()).isEqualTo("still");
    }

    /** The headers of NATS count too: a broker ends the connection of a client that sends too much. */
    @Test
    void atTheLimitOfTheBrokerARequestPassesOrIsRefusedAndTheConnectionStays() throws Exception {
        NatsServer broker = broker("-c", configuration("max_payload: 2000\n"));
        echoAt(broker.cluster("c"));
        Client client = entrance(broker.cluster("c"));
        assertThat(client.call("echo", Message.text("first")).text()).isEqualTo("first");
        int passed = 0;
        for (int length = 1_500; length <= 2_000; length += 3) {
            try {
                assertThat(client.call("echo", Message.text("a".repeat(length))).text())
                        .hasSize(length);
                passed++;
            } catch (RefusedException e) {
                assertThat(e.code()).as("length " + length).isEqualTo("content-too-large");
            }
        }
        assertThat(passed).isBetween(10, 160);
    }

    private String configuration(String text) throws IOException {
        return Files.writeString(directory.resolve("nats.conf"), text).toString();
    }

    /** jnats would drop what an interrupted thread hands to it, without a word. */
    @Test
    void whatAnInterruptedThreadPublishesArrives() throws Exception {
        NatsServer broker = broker();
        var got = new CopyOnWriteArrayList<String>();
        var there = new Topic<String>(1_000, Topic.Policy.DROP_OLDEST);
        keep(Cluster.connect(broker.cluster("c"))).share("news", Codec.of(String.class), there);
        there.subscribe(new CollectingSubscriber(got));
        var here = new Topic<String>(1_000, Topic.Policy.DROP_OLDEST);
        keep(Cluster.connect(broker.cluster("c"))).share("news", Codec.of(String.class), here);
        Await.until("the subscription is there", () -> {
            here.publish("first");
            return !got.isEmpty();
        });
        Thread interrupted = Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            for (int i = 0; i < 100; i++) {
                here.publish("number " + i);
            }
        });
        interrupted.join();
        Await.until("all came", () -> got.contains("number 99"));
        assertThat(got.stream().filter(each -> each.startsWith("number"))).hasSize(100);
    }

    @Test
    void aBrokerThatWantsAUserSaysSo() throws Exception {
        NatsServer broker = broker("--user", "ann", "--pass", "s3cret");
        assertThatThrownBy(() -> Cluster.connect(broker.cluster("c")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("refuses us")
                .hasMessageContaining("user and password");
        String wrong = "nats://ann:wrong-one@127.0.0.1:" + broker.port();
        assertThatThrownBy(() -> Cluster.connect(wrong))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining("wrong-one");
        try (Cluster cluster = Cluster.connect("nats://ann:s3cret@127.0.0.1:" + broker.port())) {
            assertThat(cluster.isConnected()).isTrue();
        }
    }

    /**
     * Starts a broker whose certificate is for this host alone, and returns its cluster at another or the same host.
     */
    private String clusterOfBrokerFor(String certified, String host) throws Exception {
        Authority authority = Authority.make(directory, "authority");
        Authority.Issued issued =
                authority.issue("broker", 90, "subjectAltName=DNS:" + certified, "extendedKeyUsage=serverAuth");
        NatsServer broker = broker(
                "--tls",
                "--tlscert",
                issued.chain().toString(),
                "--tlskey",
                issued.key().toString());
        return "nats://" + host + ":" + broker.port() + "/c?ca=" + authority.certificate();
    }

    @Test
    void aBrokerWhoseCertificateIsForAnotherHostIsRefused() throws Exception {
        String address = clusterOfBrokerFor("other.example", "localhost");
        assertThatThrownBy(() -> Cluster.connect(address))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("its certificate is not for that host");
    }

    @Test
    void aBrokerIsFoundByTheNameInItsCertificate() throws Exception {
        try (Cluster cluster = Cluster.connect(clusterOfBrokerFor("localhost", "localhost"))) {
            assertThat(cluster.isConnected()).isTrue();
        }
    }

    @Test
    void aBrokerMayWantTls() throws Exception {
        Path certificate = TestCertificates.certificate(); // signed by itself, so its own authority
        NatsServer broker = broker(
                "--tls",
                "--tlscert",
                certificate.toString(),
                "--tlskey",
                TestCertificates.key().toString());
        assertThatThrownBy(() -> Cluster.connect(broker.cluster("c")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it wants TLS: add ?tls=true");
        assertThatThrownBy(() -> Cluster.connect(broker.cluster("c") + "?tls=true"))
                .isInstanceOf(IOException.class);
        echoAt(broker.cluster("c") + "?ca=" + certificate);
        assertThat(entrance(broker.cluster("c") + "?ca=" + certificate)
                        .call("echo", Message.text("sealed"))
                        .text())
                .isEqualTo("sealed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nats://",
                "nats:///x",
                "nats://h/a.b",
                "nats://h/a*",
                "nats://h/a%20b",
                "nats://h?x=1",
                "nats://h?tls=yes",
                "nats://h?tls=1",
                "nats://h?tls=",
                "nats://h?tls=false&ca=x.pem",
                "nats://h?tls=false&cert=x.pem",
                "nats://h?key=x.pem",
                "nats://h?replicas=0",
                "nats://h?replicas=6",
                "nats://h?replicas=",
                "http://h",
                "h",
                "nats://h/a/b",
                "nats://h:99999",
                "nats://h,/x",
                "nats://,h/x",
                "nats://h,h:99999/x",
                "nats://h,a:b/x",
                "nats://u@h,u@h/x",
                "nats://h/>",
                "://"
            })
    void addressesThatAreNoneAreRefusedWithTheirForm(String address) {
        assertThatThrownBy(() -> Cluster.connect(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nats://host:port/name-of-the-cluster");
    }

    @Test
    void aHostWithoutABrokerIsAnErrorWithinSeconds() {
        assertThatThrownBy(() -> Cluster.connect("nats://127.0.0.1:1/c"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot connect to the NATS server nats://127.0.0.1:1")
                .hasMessageContaining("is it started");
    }

    /** The argument is the first message of a broker that lies. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 400 Bad Request\r\n\r\n",
                "INFO {\"max_payload\": \r\n",
                "INFO []\r\n",
                "-ERR 'go away'\r\n",
                "INFO {\"server_id\":\"x\",\"version\":\"2.9.0\",\"max_payload\":1}\r\n-ERR 'flood'\r\n-ERR 'flood'\r\n"
            })
    void aBrokerThatLiesIsAnErrorWithinSeconds(String first) throws Exception {
        try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> lie(listener, first.getBytes(StandardCharsets.UTF_8)));
            long began = System.nanoTime();
            assertThatThrownBy(() -> Cluster.connect("nats://127.0.0.1:" + listener.getLocalPort())
                            .close())
                    .isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
        }
    }

    private static void lie(ServerSocket listener, byte[] first) {
        while (!listener.isClosed()) {
            try (Socket client = listener.accept();
                    OutputStream out = client.getOutputStream()) {
                out.write(first);
                out.flush();
                client.setSoTimeout(5_000);
                client.getInputStream().readAllBytes();
            } catch (IOException ended) {
                Thread.onSpinWait(); // the next client, if there is one
            }
        }
    }

    @Test
    void otherProgramsMaySendAnythingToTheSubjects() throws Exception {
        NatsServer broker = broker();
        var reached = new AtomicInteger();
        keep(node(broker.cluster("c"))
                .on("echo", request -> {
                    reached.incrementAndGet();
                    return request;
                })
                .listen("tcp://localhost:0"));
        var values = new Topic<String>(10, Topic.Policy.DROP_OLDEST);
        Cluster sharing = keep(Cluster.connect(broker.cluster("c")));
        sharing.share("news", Codec.of(String.class), values);
        Client client = entrance(broker.cluster("c"));
        Connection tool = tool(broker);
        for (byte[] bytes : List.of(
                new byte[0],
                new byte[] {0},
                "GET / HTTP/1.1".getBytes(StandardCharsets.UTF_8),
                new byte[] {0, 2, '{', '}'},
                new byte[100_000])) {
            tool.publish("parley.c.action.echo", bytes);
            tool.publish("parley.c.topic.news", bytes);
            CompletableFuture<io.nats.client.Message> answer = tool.request("parley.c.action.echo", bytes);
            assertThat(new String(answer.get().getData(), StandardCharsets.UTF_8))
                    .contains("bad-frame");
        }
        assertThat(client.call("echo", Message.text("well")).text()).isEqualTo("well");
        assertThat(reached).hasValue(1);
        assertThat(values.published()).isZero();
    }
}
