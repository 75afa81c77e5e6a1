package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.InStream;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.Topic;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Topics: who gets what, and what becomes of a subscriber that is slow. */
@Timeout(300)
class TopicTest {
    record Watch(String what) {}

    record Tick(int number, String padding) {}

    private static final Action<Watch, Tick> WATCH = Action.of("watch", Watch.class, Tick.class);
    private static final String PADDING = "x".repeat(1_000);
    private static final int QUEUE = 100;

    /** More than its queue, its credit and what waits for its turn can hold. */
    private static final int TOO_MANY = 1_000;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Client client(Topic<Tick> topic) throws Exception {
        EventLoop loop = bed.newLoop();
        Server server = bed.keep(bed.server()
                .onStream(WATCH, (watch, out) -> topic.subscribe(out))
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
        return bed.keep(Client.builder(server.address()).loop(loop).connect());
    }

    private InStream<Tick> subscribed(Client client, Topic<Tick> topic, int count) {
        InStream<Tick> ticks = bed.keep(client.stream(WATCH, new Watch("it")));
        Await.until("it has subscribed", () -> topic.subscribers() == count);
        return ticks;
    }

    private static void publish(Topic<Tick> topic, int count) {
        try {
            for (int i = 1; i <= count; i++) {
                topic.publish(new Tick(i, PADDING));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Integer> numbers(InStream<Tick> ticks) {
        var numbers = new ArrayList<Integer>();
        ticks.forEach(tick -> numbers.add(tick.number()));
        return numbers;
    }

    @Test
    void everySubscriberGetsEveryValueInOrder() throws Exception {
        var topic = new Topic<Tick>(QUEUE, Topic.Policy.BLOCK);
        Client client = client(topic);
        var all = new ArrayList<CompletableFuture<List<Integer>>>();
        for (int i = 1; i <= 50; i++) {
            InStream<Tick> ticks = subscribed(client, topic, i);
            all.add(CompletableFuture.supplyAsync(() -> numbers(ticks), Thread::startVirtualThread));
        }
        publish(topic, TOO_MANY);
        topic.close();
        for (CompletableFuture<List<Integer>> numbers : all) {
            assertThat(numbers.get(60, TimeUnit.SECONDS)).hasSize(TOO_MANY).isSorted();
        }
        assertThat(topic.published()).isEqualTo(TOO_MANY);
        assertThat(topic.delivered()).isEqualTo(50L * TOO_MANY);
        assertThatThrownBy(() -> topic.publish(new Tick(1, ""))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whereTheOldestAreDroppedTheLossIsCounted() throws Exception {
        var topic = new Topic<Tick>(QUEUE, Topic.Policy.DROP_OLDEST);
        InStream<Tick> ticks = subscribed(client(topic), topic, 1);
        publish(topic, TOO_MANY);
        topic.close();
        List<Integer> numbers = numbers(ticks);
        assertThat(numbers).isSorted().doesNotHaveDuplicates().endsWith(TOO_MANY - 1, TOO_MANY);
        assertThat(topic.dropped()).isPositive();
        assertThat(numbers.size() + topic.dropped()).isEqualTo(TOO_MANY);
    }

    @Test
    void whereTheSlowAreDisconnectedTheyAreTold() throws Exception {
        var topic = new Topic<Tick>(QUEUE, Topic.Policy.DISCONNECT);
        Client client = client(topic);
        InStream<Tick> slow = subscribed(client, topic, 1);
        publish(topic, TOO_MANY);
        assertThat(topic.disconnected()).isEqualTo(1);
        assertThatThrownBy(() -> {
                    while (slow.receive() != null) {
                        Thread.onSpinWait();
                    }
                })
                .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.applicationCode())
                        .isEqualTo("slow"));
        InStream<Tick> next = subscribed(client, topic, 1);
        publish(topic, 1);
        assertThat(next.receive()).isEqualTo(new Tick(1, PADDING));
    }

    @Test
    void aSlowSubscriberSetsThePaceWhereItBlocks() throws Exception {
        var topic = new Topic<Tick>(QUEUE, Topic.Policy.BLOCK);
        InStream<Tick> slow = subscribed(client(topic), topic, 1);
        Thread publisher = Thread.startVirtualThread(() -> publish(topic, TOO_MANY));
        Await.until(
                "it is held back",
                () -> topic.published() > QUEUE
                        && !Await.within(Duration.ofMillis(100), () -> topic.published() == TOO_MANY));
        for (int i = 1; i <= TOO_MANY; i++) {
            assertThat(slow.receive()).isEqualTo(new Tick(i, PADDING));
        }
        publisher.join();
    }

    @Test
    void aSubscriberThatGoesIsForgotten() throws Exception {
        var topic = new Topic<Tick>(QUEUE, Topic.Policy.BLOCK);
        Client client = client(topic);
        InStream<Tick> ticks = subscribed(client, topic, 1);
        ticks.close();
        Await.until("it is forgotten", () -> topic.subscribers() == 0);
        publish(topic, TOO_MANY);
    }
}
