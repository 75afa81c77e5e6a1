package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Cluster;
import dev.parley.Codec;
import dev.parley.DurableTopic;
import dev.parley.cluster.ClusterException;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.cluster.ClusterBed.Over;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests topics whose values are stored, in one process and by JetStream. */
@Timeout(120)
class DurableTopicTest {
    private static final Duration A_DAY = Duration.ofDays(1);
    private static final long ENOUGH_BYTES = 100_000_000;
    private static final Codec<String> TEXT = Codec.of(String.class);

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private @Nullable NatsServer broker;
    private @Nullable Cluster ofProcess;

    @AfterEach
    void endBroker() {
        if (broker != null) {
            broker.close();
        }
    }

    private NatsServer broker() throws IOException {
        NatsServer started = broker;
        if (started == null) {
            started = NatsServer.start("-js", "-sd", directory.toString());
            broker = started;
        }
        return started;
    }

    /** Returns the cluster as a node sees it. */
    private Cluster cluster(Over over) throws IOException {
        if (over == Over.NATS) {
            return bed.keep(Cluster.connect(broker().cluster("c")));
        }
        if (ofProcess == null) {
            ofProcess = bed.keep(Cluster.inProcess());
        }
        return ofProcess;
    }

    private DurableTopic<String> topic(Over over) throws IOException {
        return bed.keep(cluster(over).durable("news.local", TEXT, A_DAY, ENOUGH_BYTES));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "number " + i).toList();
    }

    @ParameterizedTest
    @EnumSource
    void aReaderThatWasAwayGetsWhatItHasMissed(Over over) throws Exception {
        DurableTopic<String> here = topic(over);
        DurableTopic<String> there = topic(over);
        for (String each : numbers(0, 50)) {
            here.publish(each);
        }
        List<String> got = new CopyOnWriteArrayList<>();
        DurableTopic.Reading first = there.read("billing", got::add);
        Await.until("all came", () -> got.size() == 50);
        assertThat(got).isEqualTo(numbers(0, 50));
        first.close();
        for (String each : numbers(50, 100)) {
            here.publish(each);
        }
        List<String> later = new CopyOnWriteArrayList<>();
        there.read("billing", later::add);
        Await.until("the rest came", () -> later.contains("number 99"));
        assertThat(later).isEqualTo(numbers(50, 100));
        List<String> all = new CopyOnWriteArrayList<>();
        there.read("an.other", all::add);
        Await.until("another reader gets all", () -> all.size() == 100);
    }

    @ParameterizedTest
    @EnumSource
    void readersOfOneNameShareTheValues(Over over) throws Exception {
        DurableTopic<String> publisher = topic(over);
        Set<String> got = ConcurrentHashMap.newKeySet();
        var handled = new AtomicInteger();
        var bothHaveOne = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            var first = new AtomicBoolean(true);
            topic(over).read("workers", value -> {
                if (first.getAndSet(false)) {
                    // A fast reader may otherwise take all before the other has started.
                    bothHaveOne.countDown();
                    assertThat(bothHaveOne.await(20, TimeUnit.SECONDS)).isTrue();
                }
                handled.incrementAndGet();
                got.add(value);
            });
        }
        for (String each : numbers(0, 200)) {
            publisher.publish(each);
        }
        Await.until("all came", () -> got.size() == 200);
        assertThat(handled).hasValue(200);
        assertThat(bothHaveOne.getCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aValueThatWasNotHandledComesAgain(Over over) throws Exception {
        DurableTopic<String> topic = topic(over);
        List<String> tried = new CopyOnWriteArrayList<>();
        topic.read("strict", value -> {
            tried.add(value);
            if (value.equals("odd") && tried.indexOf("odd") == tried.size() - 1) {
                throw new IOException("on purpose");
            }
        });
        topic.publish("odd");
        topic.publish("even");
        Await.until("the odd one came again", () -> tried.size() == 3);
        assertThat(tried).containsExactlyInAnyOrder("odd", "odd", "even");
        Await.until("it is not failing", () -> tried.lastIndexOf("odd") > 0);
    }

    @ParameterizedTest
    @EnumSource
    void aValueWhoseHandlerWasClosedComesAgain(Over over) throws Exception {
        DurableTopic<String> topic = topic(over);
        var began = new CountDownLatch(1);
        DurableTopic.Reading reading = topic.read("slow", value -> {
            began.countDown();
            new CountDownLatch(1).await();
        });
        topic.publish("left");
        began.await();
        reading.close();
        List<String> got = new CopyOnWriteArrayList<>();
        topic.read("slow", got::add);
        Await.until("it came again", () -> got.contains("left"));
    }

    @ParameterizedTest
    @EnumSource
    void aFullTopicRefusesAndForgetsNothing(Over over) throws Exception {
        DurableTopic<String> small = bed.keep(cluster(over).durable("small", TEXT, A_DAY, 20_000));
        Set<String> stored = new HashSet<>();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        String value = i + " " + "x".repeat(500);
                        small.publish(value);
                        stored.add(value);
                    }
                })
                .isInstanceOfSatisfying(ClusterException.class, e -> assertThat(e.reason())
                        .isEqualTo(ClusterException.Reason.NOT_SENT));
        assertThat(stored).hasSizeBetween(20, 40);
        Set<String> got = ConcurrentHashMap.newKeySet();
        small.read("all", got::add);
        Await.until("all came", () -> got.size() == stored.size());
        assertThat(got).isEqualTo(stored);
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeIsRefused(Over over) throws Exception {
        Cluster cluster = cluster(over);
        for (String name : List.of("", "a b", "a.*", "a.>", ".")) {
            assertThatThrownBy(() -> cluster.durable(name, TEXT, A_DAY, ENOUGH_BYTES))
                    .isInstanceOf(IllegalArgumentException.class);
            DurableTopic<String> topic = topic(over);
            assertThatThrownBy(() -> topic.read(name, value -> {})).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> cluster.durable("x", TEXT, Duration.ZERO, 1)).hasMessageContaining("ageMax");
        assertThatThrownBy(() -> cluster.durable("x", TEXT, A_DAY, 0)).hasMessageContaining("bytesMax");
    }

    @Test
    void whatWasStoredIsThereAfterTheBrokerWasKilled() throws Exception {
        DurableTopic<String> topic = topic(Over.NATS);
        for (String each : numbers(0, 20)) {
            topic.publish(each);
        }
        List<String> got = new CopyOnWriteArrayList<>();
        topic.read("billing", value -> {
            got.add(value);
            if (got.size() == 10) {
                broker().kill();
                broker().restart();
            }
        });
        Await.until("all came", () -> new HashSet<>(got).size() == 20);
        Await.until("it can be published again", () -> {
            try {
                topic.publish("after");
                return true;
            } catch (IOException notYet) {
                return false;
            }
        });
        Await.until("and is read", () -> got.contains("after"));
    }

    @Test
    void aBrokerThatIsAwayRefusesAtOnce() throws Exception {
        DurableTopic<String> topic = topic(Over.NATS);
        topic.publish("before");
        broker().kill();
        Await.until("nothing is sent any more", () -> {
            try {
                topic.publish("during");
                return false;
            } catch (ClusterException e) {
                return e.reason() == ClusterException.Reason.NOT_SENT;
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void aBrokerWithoutJetStreamSaysWhatToDo() throws Exception {
        try (NatsServer plain = NatsServer.start();
                Cluster cluster = Cluster.connect(plain.cluster("c"))) {
            assertThatThrownBy(() -> cluster.durable("news", TEXT, A_DAY, ENOUGH_BYTES))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("nats-server -js");
        }
    }
}
