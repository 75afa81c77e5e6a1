package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that the queues of a node are bounded, and that it counts what they drop and warns of it. */
@Timeout(120)
class NatsDroppedTest {
    private static final int LENGTH = 900_000;

    /** The queue has 16 MiB, which is room for eighteen. */
    private static final int SENT = 30;

    private static final String WARNING = "messages come faster than they are handled, and are dropped";

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    private static Message lengthy() {
        return Message.binary("x", new byte[LENGTH]);
    }

    /** Holds the thread of jnats until the test ends, which no handler should do. */
    private static final class Holding implements ClusterBus.NodeHandler, AutoCloseable {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);

        void hold() {
            begun.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public CompletionStage<Message> handle(String action, NodeRequest request) {
            hold();
            return CompletableFuture.completedFuture(Message.text("ok"));
        }

        @Override
        public void handleStream(String action, NodeRequest request, boolean hasMore, NodeStream stream) {
            stream.cancel();
        }

        @Override
        public void close() {
            end.countDown();
        }
    }

    @Test
    void requestsThatAreDroppedAreCountedAndTheirCallersTimeOut() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        var warnings = new WarningsObserver();
        ClusterBus node = BusBed.bus(broker, warnings);
        ClusterBus asks = bed.keep(BusBed.bus(broker, warnings));
        var handler = new Holding();
        ClusterBus.Offer offer = node.offer(List.of(BusBed.call("slow", "String")), handler);
        var request = new NodeRequest(lengthy(), null, Duration.ofSeconds(5));
        List<CompletableFuture<Message>> asked = new ArrayList<>();
        asked.add(asks.request("slow", request).toCompletableFuture());
        handler.begun.await();
        for (int i = 1; i < SENT; i++) {
            asked.add(askOnceThereIsRoom(asks, request));
        }
        Await.until("some are dropped", () -> node.droppedRequests() > 5);
        handler.close();
        long failed = asked.stream().filter(each -> isTimeout(each)).count();
        long dropped = node.droppedRequests();
        assertThat(failed).isEqualTo(dropped).isBetween(5L, 20L);
        assertThat(warnings.count(WARNING)).isEqualTo(1);
        offer.withdraw();
        offer.close();
        assertThat(node.droppedRequests()).isEqualTo(dropped);
        node.close();
    }

    /** Sends a request as soon as the queue to the broker has room for it. */
    private static CompletableFuture<Message> askOnceThereIsRoom(ClusterBus bus, NodeRequest request) {
        while (true) {
            CompletableFuture<Message> asked = bus.request("slow", request).toCompletableFuture();
            boolean isRefused = asked.isCompletedExceptionally()
                    && asked.exceptionNow() instanceof ClusterException e
                    && e.reason() == ClusterException.Reason.NOT_SENT;
            if (!isRefused) {
                return asked;
            }
            Thread.onSpinWait();
        }
    }

    private static boolean isTimeout(CompletableFuture<Message> asked) {
        Throwable failed = asked.handle((response, thrown) -> thrown).join();
        if (failed == null) {
            return false;
        }
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        assertThat(cause).isInstanceOfSatisfying(ClusterException.class, e -> assertThat(e.reason())
                .isEqualTo(ClusterException.Reason.TIMEOUT));
        return true;
    }

    @Test
    void valuesThatAreDroppedAreCounted() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        var warnings = new WarningsObserver();
        ClusterBus reads = bed.keep(BusBed.bus(broker, warnings));
        ClusterBus publishes = bed.keep(BusBed.bus(broker, warnings));
        var holding = bed.keep(new Holding());
        var taken = new AtomicInteger();
        reads.subscribe("news", value -> {
            holding.hold();
            taken.incrementAndGet();
        });
        Await.until("a value arrives", () -> {
            publish(publishes, Message.text("first"));
            return holding.begun.getCount() == 0;
        });
        for (int i = 0; i < SENT; i++) {
            Await.until("the queue to the broker has room", () -> publish(publishes, lengthy()));
        }
        Await.until("some are dropped", () -> reads.droppedValues() > 5);
        holding.close();
        assertThat(warnings.count(WARNING)).isEqualTo(1);
        Await.until("the others arrive", () -> taken.get() >= SENT - reads.droppedValues());
    }

    private static boolean publish(ClusterBus bus, Message value) {
        try {
            bus.publish("news", value);
            return true;
        } catch (ClusterException full) {
            return false;
        }
    }
}
