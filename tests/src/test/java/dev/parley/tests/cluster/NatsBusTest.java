package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Cluster;
import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.DurableLog;
import dev.parley.cluster.MessageWriter;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.OfferedAction;
import dev.parley.net.BindFailedException;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests the edges of a bus over NATS: interrupted threads, clashes of types, outages, and messages of others. */
@Timeout(180)
class NatsBusTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private final WarningsObserver warnings = new WarningsObserver();

    private ClusterBus bus(NatsServer broker) throws IOException {
        return bed.keep(BusBed.bus(broker, warnings));
    }

    private void offer(ClusterBus bus, OfferedAction action, ClusterBus.NodeHandler handler) throws IOException {
        bed.keep(bus.offer(List.of(action), handler)::withdraw);
    }

    private Connection tool(NatsServer broker) throws Exception {
        return bed.keep(Nats.connect("nats://127.0.0.1:" + broker.port()));
    }

    private static void assertFails(CompletableFuture<?> sent, Reason reason, String words) {
        assertThatThrownBy(() -> sent.get(30, TimeUnit.SECONDS))
                .cause()
                .hasMessageContaining(words)
                .isInstanceOfSatisfying(
                        ClusterException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static Duration timed(Runnable task) {
        long began = System.nanoTime();
        task.run();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Test
    void anInterruptedThreadCanOfferSubscribeAndAsk() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus other = bus(broker);
        ClusterBus bus = bus(broker);
        offer(other, BusBed.call("there", "String"), new BusBed.Echo());
        var arrived = new CountDownLatch(1);
        CompletableFuture<Message> asked = CompletableFuture.supplyAsync(
                        () -> {
                            Thread.currentThread().interrupt();
                            try {
                                offer(bus, BusBed.call("echo", "String"), new BusBed.Echo());
                                bus.subscribe("news", value -> arrived.countDown());
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                            CompletionStage<Message> response = bus.request("there", BusBed.request());
                            assertThat(Thread.currentThread().isInterrupted()).isTrue();
                            return response;
                        },
                        task -> Thread.ofPlatform().start(task))
                .thenCompose(response -> response);
        assertThat(asked.get(10, TimeUnit.SECONDS).text()).isEqualTo("x");
        assertThat(other.request("echo", BusBed.request())
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .text())
                .isEqualTo("x");
        assertThat(other.isCall("echo")).isTrue();
        other.publish("news", Message.text("x"));
        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anInterruptedThreadEndsTheOfferAndTheConnection() throws Exception {
        int monitor = NatsServer.freePort();
        NatsServer broker = bed.keep(NatsServer.start("-m", Integer.toString(monitor)));
        ClusterBus bus = bus(broker);
        ClusterBus other = bus(broker);
        ClusterBus.Offer offer = bus.offer(List.of(BusBed.call("echo", "String")), new BusBed.Echo());
        Await.until("both are there", () -> broker.connections(monitor) == 2);
        Thread interrupted = Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            offer.withdraw();
            offer.close();
            bus.close();
        });
        interrupted.join();
        Await.until("the connection is closed", () -> broker.connections(monitor) == 1);
        assertFails(other.request("echo", BusBed.request()).toCompletableFuture(), Reason.NO_NODE, "no handler");
    }

    @Test
    void requestsThatWaitWhenTheNodeLeavesSaySo() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        offer(bus(broker), BusBed.call("silent", "String"), new BusBed.Silent());
        ClusterBus leaves = bus(broker);
        CompletableFuture<Message> request =
                leaves.request("silent", BusBed.request()).toCompletableFuture();
        leaves.close();
        assertFails(request, Reason.LOST, "this node has left the cluster");
    }

    @Test
    void ofTwoNodesThatStartAtOnceWithOtherTypesOneFailsOrWarnsAtLeast() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus first = bus(broker);
        ClusterBus second = bus(broker);
        for (int round = 0; round < 5; round++) {
            String name = "search" + round;
            CompletableFuture<Boolean> one = started(first, BusBed.call(name, "String"));
            CompletableFuture<Boolean> two = started(second, BusBed.call(name, "Integer"));
            if (one.get() && two.get()) {
                Await.until("one has heard of the other", () -> warnings.count("another node offers '" + name) > 0);
            }
        }
    }

    private static CompletableFuture<Boolean> started(ClusterBus bus, OfferedAction action) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                var _ = bus.offer(List.of(action), new BusBed.Echo());
                return true;
            } catch (IOException clash) {
                assertThat(clash).hasMessageContaining("another node offers '" + action.name() + "'");
                return false;
            }
        });
    }

    @Test
    void anOfferOfOtherTypesThatIsHeardLaterIsWarnedOfOnce() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus bus = bus(broker);
        offer(bus, BusBed.call("search", "String"), new BusBed.Echo());
        offer(bus, BusBed.call("last", "String"), new BusBed.Echo());
        Connection tool = tool(broker);
        for (int i = 0; i < 3; i++) {
            tool.publish("parley.c.offers", offerOfIntegers("search"));
        }
        tool.publish("parley.c.offers", offerOfIntegers("last"));
        Await.until("the last one is warned of", () -> warnings.count("another node offers 'last'") > 0);
        assertThat(warnings.count("another node offers 'search' as call from Integer to String,"))
                .isEqualTo(1);
    }

    private static byte[] offerOfIntegers(String action) {
        return ("{\"endpoints\":[{\"metadata\":{\"action\":\"" + action + "\",\"kind\":\"call\","
                        + "\"question\":\"Integer\",\"answer\":\"String\"}}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void onceTheBrokerIsBackTheNodesAskAnewWhatOthersOffer() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus asks = bus(broker);
        ClusterBus leaves = bus(broker);
        ClusterBus stays = bus(broker);
        offer(leaves, BusBed.call("gone", "String"), new BusBed.Echo());
        offer(stays, BusBed.call("kept", "String"), new BusBed.Echo());
        Await.until("both are known", () -> asks.isCall("gone") && asks.isCall("kept"));
        broker.kill();
        Await.until("all see it", () -> !asks.isConnected() && !leaves.isConnected() && !stays.isConnected());
        assertThat(timed(leaves::close)).isLessThan(SOON);
        broker.restart();
        Await.until("the node that left is forgotten", () -> !asks.isCall("gone"));
        Await.until("the other one is known", () -> asks.isCall("kept"));
    }

    @Test
    void whileTheBrokerIsAwayNothingIsOfferedAndAServerSaysSo() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        var cluster = bed.keep(Cluster.connect(broker.cluster("c")));
        broker.kill();
        Await.until("the node sees it", () -> !cluster.isConnected());
        assertThatThrownBy(() -> bed.server()
                        .cluster(cluster)
                        .on("echo", request -> request)
                        .listen("tcp://localhost:0"))
                .isInstanceOf(BindFailedException.class)
                .hasMessageContaining("the NATS server is away");
    }

    @Test
    void aLostConnectionIsWarnedOfOnceAndAWithdrawalThenIsQuick() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus bus = bus(broker);
        ClusterBus.Offer offer = bus.offer(List.of(BusBed.call("echo", "String")), new BusBed.Echo());
        broker.kill();
        Await.until("it is warned of", () -> warnings.count("the connection is lost") > 0);
        var attempts = new CompletableFuture<Void>().completeOnTimeout(null, 3, TimeUnit.SECONDS);
        attempts.join();
        assertThat(timed(offer::withdraw)).isLessThan(SOON);
        assertThat(warnings.count("the connection is lost")).isEqualTo(1);
        broker.restart();
        Await.until("it is back", () -> warnings.count("connected again") == 1);
        broker.kill();
        Await.until("it is warned of again", () -> warnings.count("the connection is lost") == 2);
    }

    @Test
    void aFirstConnectionThatFailsWasNotLost() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        broker.kill();
        assertThatThrownBy(() -> BusBed.bus(broker, warnings)).isInstanceOf(IOException.class);
        assertThat(warnings.count("lost")).isZero();
    }

    @Test
    void aValueThatIsBeingStoredWhenTheBrokerIsKilledFailsSoon() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("-js", "-sd", directory.toString()));
        DurableLog log = bed.keep(bus(broker).log("t", Duration.ofDays(1), 1_000_000));
        broker.stop();
        CompletableFuture<Void> stored = log.append(Message.text("x")).toCompletableFuture();
        assertThat(stored).isNotDone();
        broker.kill();
        long killed = System.nanoTime();
        assertFails(stored, Reason.LOST, "it may be stored");
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(SOON);
    }

    @Test
    void aLogTakesAShorterAgeAndSaysWhatNatsDoesNotTake() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("-js", "-sd", directory.toString()));
        ClusterBus bus = bus(broker);
        DurableLog log = bed.keep(bus.log("t", Duration.ofDays(1), 1_000_000));
        bed.keep(bus.log("t", Duration.ofSeconds(10), 1_000_000));
        bed.keep(bus.log("t", Duration.ofHours(1), 1_000_000));
        String longName = ("a".repeat(64) + ".").repeat(4) + "a";
        assertThatThrownBy(() -> bus.log(longName, Duration.ofDays(1), 1_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the name of the topic")
                .hasMessageContaining("too long for NATS");
        assertThatThrownBy(() -> log.read(longName, value -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the name of the reader");
        assertThat(tool(broker).jetStreamManagement().deleteStream("parley=c=t"))
                .isTrue();
        assertFails(log.append(Message.text("x")).toCompletableFuture(), Reason.NOT_SENT, "503");
    }

    @Test
    void aPrincipalThatIsTooLongIsRefusedByItsOwnNode() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        offer(bus(broker), BusBed.call("echo", "String"), new BusBed.Echo());
        ClusterBus asks = bus(broker);
        for (int length : new int[] {3_072, 3_073}) {
            var request = new NodeRequest(Message.text("x"), "p".repeat(length), Duration.ofSeconds(20));
            CompletableFuture<Message> response = asks.request("echo", request).toCompletableFuture();
            if (length == 3_072) {
                assertThat(response.get(10, TimeUnit.SECONDS).text()).isEqualTo("x");
            } else {
                assertFails(response, Reason.TOO_LARGE, "the name of the principal has 3073 bytes; at most 3072");
            }
        }
        var headers = new Headers().put("Parley-Principal", "p".repeat(5_000));
        byte[] message = new MessageWriter().write(Message.text("x"));
        var response =
                tool(broker).request("parley.c.action.echo", headers, message).get();
        assertThat(new String(response.getData(), StandardCharsets.UTF_8))
                .contains("bad-frame", "the principal of the request is not readable");
    }

    @Test
    void foreignBytesOnATopicAreCountedAndWarnedOfOnce() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus bus = bus(broker);
        bus.subscribe("news", value -> {});
        Connection tool = tool(broker);
        Await.until("it is subscribed", () -> {
            tool.publish("parley.c.topic.news", new byte[1]);
            return bus.unreadableValues() > 0;
        });
        for (int i = 0; i < 100; i++) {
            tool.publish("parley.c.topic.news", new byte[1]);
        }
        Await.until("all are counted", () -> bus.unreadableValues() >= 100);
        assertThat(warnings.count("something else than a value")).isLessThanOrEqualTo(1);
    }

    /** Each would take a permit until the stream's silence ends it. */
    @Test
    void streamsWithoutAPlaceForTheirResponseTakeNoRoom() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus node = bus(broker);
        offer(node, BusBed.call("echo", "String"), new BusBed.Echo());
        Connection tool = tool(broker);
        var headers = new Headers().put("Parley-Stream", "0b8f2a3e-0000-0000-0000-000000000000.1");
        byte[] message = new MessageWriter().write(Message.text("x"));
        for (int i = 0; i < 11_000; i++) {
            tool.publish("parley.c.action.echo", headers, message);
            if (i % 1_000 == 0) {
                tool.flush(Duration.ofSeconds(10));
            }
        }
        var response = tool.request("parley.c.action.echo", message).get();
        assertThat(new String(response.getData(), StandardCharsets.UTF_8)).doesNotContain("busy");
    }
}
