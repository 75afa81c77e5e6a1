package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.Topic;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Measures the cost of a stream without a thread, on both sides together. */
@Timeout(120)
class StreamCostTest {
    private static final Action<String, String> WATCH = Action.of("watch", String.class, String.class);
    private static final int STREAMS = 2_000;
    private static final int BYTES_MAX = 2 * 8 * 1024;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final AtomicInteger received = new AtomicInteger();
    private final Topic<String> topic = new Topic<>(100, Topic.Policy.DISCONNECT);

    private final class Counting implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String value) {
            received.incrementAndGet();
        }

        @Override
        public void onError(Throwable thrown) {
            received.set(Integer.MIN_VALUE);
        }

        @Override
        public void onComplete() {}
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void twoThousandStreamsCostNoThreadAndLittleMemory() throws Exception {
        MessageLimits many = MessageLimits.DEFAULT.withStreamsMax(STREAMS).withInFlightMax(STREAMS);
        Server server = bed.keep(bed.server()
                .limits(many)
                .onLoopStream(WATCH, (what, exchange) -> topic)
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        Client client = bed.keep(Client.builder(server.address())
                .loop(bed.newLoop())
                .limits(many)
                .connect());
        client.streamAsync(WATCH, "first").subscribe(new Counting());
        Await.until("the first has subscribed", () -> topic.subscribers() == 1);
        topic.publish("warm");
        Await.until("it has come", () -> received.get() == 1);
        received.set(0);
        long before = usedBytes();
        int threads = Thread.activeCount();
        for (int i = 0; i < STREAMS - 1; i++) {
            client.streamAsync(WATCH, "next").subscribe(new Counting());
        }
        Await.until("all have subscribed", () -> topic.subscribers() == STREAMS);
        topic.publish("to all");
        Await.until("all have it", () -> received.get() == STREAMS);
        long each = (usedBytes() - before) / STREAMS;
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 1);
        assertThat(each).as("bytes of both sides of a stream").isBetween(0L, (long) BYTES_MAX);
        System.out.println("2,000 streams: " + each + " bytes each, both sides together, and no thread");
    }
}
