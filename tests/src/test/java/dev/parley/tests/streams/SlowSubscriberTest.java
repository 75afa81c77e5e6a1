package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.InStream;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import dev.parley.tests.streams.TopicServer.Publish;
import dev.parley.tests.streams.TopicServer.Standing;
import dev.parley.tests.streams.TopicServer.Tick;
import dev.parley.tests.streams.TopicServer.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests one subscriber of a thousand that does not read, with a server process with little memory: {@code
 * -Dparley.topic.rounds=500}.
 */
@Timeout(600)
class SlowSubscriberTest {
    private static final int ROUNDS = Integer.getInteger("parley.topic.rounds", 6);
    private static final int ROUND = TopicServer.QUEUE / 2;
    private static final int SUBSCRIBERS = 1_000;
    private static final int STREAMS_PER_CLIENT = 100;

    /**
     * The noise of the measurement: stacks of a thousand handlers and what they just send differ so much from one check
     * to the next.
     */
    private static final int NOISE_BYTES = 4 * 1024 * 1024;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Programs programs = bed.keep(new Programs());
    private final LongAdder received = new LongAdder();
    private final AtomicInteger gaps = new AtomicInteger();

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, unix"})
    void costsNoMemoryAndHarmsNoOther(String transport, String kind, @TempDir Path directory) throws Exception {
        EventLoop loop = bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
        String free = kind.equals("tcp") ? "tcp://127.0.0.1:0" : "unix:" + directory.resolve("s");
        var server = programs.main(List.of("-Xmx128m"), TopicServer.class, transport, free);
        Address address = Address.parse(Programs.addressOf(server));
        Client asking = bed.keep(Client.builder(address).loop(loop).connect());
        InStream<Tick> slow = bed.keep(asking.stream(TopicServer.WATCH, new Watch("slow")));
        subscribeAll(loop, address);
        Await.until("all have subscribed", () -> round(asking, 0).subscribers() == SUBSCRIBERS);

        Standing first = round(asking, 2);
        Standing last = first;
        for (int i = 2; i < ROUNDS; i++) {
            last = round(asking, 1);
        }
        asking.call(TopicServer.CLOSE, new Watch("all"), CallOptions.timeout(PATIENCE));
        int slowGot = 0;
        for (Tick _ : slow) {
            slowGot++;
        }
        System.out.printf(
                "promise topic, %s %s: %d values to %d subscribers, one of them slow: it got %d and missed %d, memory"
                        + " grew by %d bytes from %d%n",
                transport,
                kind,
                last.published(),
                SUBSCRIBERS,
                slowGot,
                last.dropped(),
                last.usedBytes() - first.usedBytes(),
                first.usedBytes());
        assertThat(gaps.get()).isZero();
        assertThat(received.sum()).isEqualTo(last.published() * (SUBSCRIBERS - 1));
        assertThat(slowGot + last.dropped()).isEqualTo(last.published());
        assertThat(last.dropped()).isPositive();
        assertThat(last.usedBytes() - first.usedBytes()).isLessThan(NOISE_BYTES);
    }

    private void subscribeAll(EventLoop loop, Address address) throws Exception {
        int left = SUBSCRIBERS - 1;
        while (left > 0) {
            Client client = bed.keep(Client.builder(address).loop(loop).connect());
            for (int i = Math.min(left, STREAMS_PER_CLIENT); i > 0; i--, left--) {
                InStream<Tick> ticks = client.stream(TopicServer.WATCH, new Watch("it"));
                Thread.startVirtualThread(() -> count(ticks));
            }
        }
    }

    /** Counts every value, one after the other. */
    private void count(InStream<Tick> ticks) {
        int before = 0;
        for (Tick tick : ticks) {
            if (tick.number() != ++before) {
                gaps.incrementAndGet();
            }
            received.increment();
        }
    }

    /** Publishes so many rounds; each has come to all but the slow one when the next begins. */
    private Standing round(Client asking, int rounds) {
        try {
            for (int i = 0; i < rounds; i++) {
                long before = received.sum();
                asking.call(TopicServer.PUBLISH, new Publish(ROUND), CallOptions.timeout(PATIENCE));
                Await.until("all but one have it", () -> received.sum() == before + ROUND * (SUBSCRIBERS - 1L));
            }
            return asking.call(TopicServer.PUBLISH, new Publish(0), CallOptions.timeout(PATIENCE));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
