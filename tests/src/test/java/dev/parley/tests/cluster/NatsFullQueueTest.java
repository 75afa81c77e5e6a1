package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.nats.NatsBusProvider;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests a node whose broker reads nothing: the node refuses at once what has no room, and nothing waits for jnats. */
@Timeout(120)
class NatsFullQueueTest {
    private static final Duration AT_ONCE = Duration.ofSeconds(10);
    private static final long WAITING_BYTES_MAX = 24L * 1024 * 1024;

    /** The bytes that wait, and those in the buffers of jnats and of this system's sockets. */
    private static final long TAKEN_BYTES_MAX = 100_000_000;

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private ClusterBus bus(NatsServer broker) throws IOException {
        return bed.keep(new NatsBusProvider().connect(URI.create(broker.cluster("c")), LoopObserver.logging()));
    }

    private static Message ofBytes(int length) {
        return Message.binary("x", new byte[length]);
    }

    /** Publishes until a value is refused, and returns why. */
    private static ClusterException fill(ClusterBus bus, Message value, int times, AtomicLong taken) {
        for (int i = 0; i < times; i++) {
            long began = System.nanoTime();
            try {
                bus.publish("news", value);
                taken.incrementAndGet();
            } catch (ClusterException e) {
                return e;
            } finally {
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(AT_ONCE);
            }
        }
        throw new AssertionError(times + " values were taken, and none was refused");
    }

    @Test
    void longValuesAreRefusedAtOnceWhenTheBytesThatMayWaitDo() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus bus = bus(broker);
        broker.stop();
        var taken = new AtomicLong();
        ClusterException refused = fill(bus, ofBytes(1_000_000), 200, taken);
        assertThat(refused).hasMessageContaining("too much waits for the NATS server");
        assertThat(refused.reason()).isEqualTo(Reason.NOT_SENT);
        assertThat(taken.get() * 1_000_000).isBetween(WAITING_BYTES_MAX - 2_000_000, TAKEN_BYTES_MAX);
    }

    @Test
    void shortValuesAreRefusedAtOnceWhenTheMessagesThatMayWaitDo() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus bus = bus(broker);
        broker.stop();
        var taken = new AtomicLong();
        ClusterException refused = fill(bus, ofBytes(5_000), 20_000, taken);
        assertThat(refused).hasMessageContaining("too much waits for the NATS server");
        assertThat(taken.get()).isGreaterThanOrEqualTo(3_750);
    }

    @Test
    void aRequestWithoutRoomFailsAtOnceAsNotSent() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("-js", "-sd", directory.toString()));
        ClusterBus bus = bus(broker);
        var log = bed.keep(bus.log("t", Duration.ofDays(1), 1_000_000));
        broker.stop();
        var _ = fill(bus, ofBytes(1_000_000), 200, new AtomicLong());
        long began = System.nanoTime();
        var request = new NodeRequest(ofBytes(1_000_000), null, Duration.ofMinutes(1));
        assertNotSent(bus.request("echo", request).toCompletableFuture());
        assertNotSent(log.append(ofBytes(1_000_000)).toCompletableFuture());
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(AT_ONCE);
    }

    private static void assertNotSent(CompletableFuture<?> sent) {
        assertThatThrownBy(sent::join).cause().isInstanceOfSatisfying(ClusterException.class, e -> assertThat(
                        e.reason())
                .isEqualTo(Reason.NOT_SENT));
    }

    /** Without an error, the caller would wait as long as it can. */
    @Test
    void aResponseWithoutRoomIsAnErrorSoon() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus node = bus(broker);
        var handler = new Later();
        bed.keep(node.offer(List.of(BusBed.call("late", "String")), handler)::withdraw);
        ClusterBus asks = bus(broker);
        var request = new NodeRequest(ofBytes(1), null, Duration.ofMinutes(10));
        List<CompletableFuture<Message>> asked = IntStream.range(0, 100)
                .mapToObj(i -> asks.request("late", request).toCompletableFuture())
                .toList();
        Await.until("all are handled", () -> handler.responses.size() == asked.size());
        broker.stop();
        var _ = fill(node, ofBytes(1_000_000), 200, new AtomicLong());
        handler.responses.forEach(each -> each.complete(ofBytes(1_000_000)));
        broker.resume();
        int lengthy = 0;
        for (CompletableFuture<Message> each : asked) {
            Message response = each.get(60, TimeUnit.SECONDS);
            if (response.contentLength() == 1_000_000) {
                lengthy++;
            } else {
                assertThat(response.text()).contains("the response could not be sent");
            }
        }
        assertThat(lengthy).isBetween(1, 50);
    }

    /** A handler that responds when the test says so. */
    private static final class Later implements ClusterBus.NodeHandler {
        private final List<CompletableFuture<Message>> responses = new CopyOnWriteArrayList<>();

        @Override
        public CompletionStage<Message> handle(String action, NodeRequest request) {
            var response = new CompletableFuture<Message>();
            responses.add(response);
            return response;
        }

        @Override
        public void handleStream(String action, NodeRequest request, boolean hasMore, NodeStream stream) {
            stream.cancel();
        }
    }

    /** Neither the messages that jnats has lost with a connection, nor its own messages, may take room for ever. */
    @Test
    void onceTheBrokerIsBackThereIsRoomAgain() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus sender = bus(broker);
        var got = new CopyOnWriteArrayList<Integer>();
        ClusterBus reader = bus(broker);
        reader.subscribe("news", value -> got.add(value.contentLength()));
        for (int round = 0; round < 2; round++) {
            broker.stop();
            var _ = fill(sender, ofBytes(1_000_000), 200, new AtomicLong());
            broker.kill();
            Await.until("both see it", () -> !sender.isConnected() && !reader.isConnected());
            broker.restart();
            int length = 7 + round;
            Await.until("a value arrives", () -> {
                publish(sender, ofBytes(length));
                return got.contains(length);
            });
        }
    }

    /** The write that waits must not keep jnats from giving up the connection. */
    @Test
    void aStoppedBrokerIsNoticedWhileAWriteWaitsForIt() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        ClusterBus bus = bus(broker);
        var got = new CopyOnWriteArrayList<Integer>();
        bus(broker).subscribe("news", value -> got.add(value.contentLength()));
        broker.stop();
        var _ = fill(bus, ofBytes(1_000_000), 200, new AtomicLong());
        assertThat(Await.within(Duration.ofSeconds(20), () -> !bus.isConnected()))
                .isTrue();
        broker.resume();
        Await.until("a value arrives", () -> {
            publish(bus, ofBytes(7));
            return got.contains(7);
        });
        assertThat(bus.isConnected()).isTrue();
    }

    private static void publish(ClusterBus bus, Message value) {
        try {
            bus.publish("news", value);
        } catch (ClusterException notYet) {
            assertThat(notYet.reason()).isEqualTo(Reason.NOT_SENT);
        }
    }
}
