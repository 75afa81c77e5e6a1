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
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests topics: who gets which values, and what happens to a subscriber that is slow. */
@Timeout(300)
class TopicTest {
    record Watch(String what) {}

    record Tick(int number, String padding) {}

    private static final Action<Watch, Tick> WATCH = Action.of("watch", Watch.class, Tick.class);
    private static final String PADDING = "x".repeat(1_000);
    private static final int QUEUE = 100;

    /** More values than its queue, its credit and the values that wait for their turn can hold. */
    private static final int TOO_MANY = 1_000;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Client client(Topic<Tick> topic) throws Exception {
        EventLoop loop = bed.newLoop();
        Server server = bed.keep(bed.server()
                .onLoopStream(WATCH, (watch, exchange) -> topic)
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
        return bed.keep(Client.builder(server.address()).loop(loop).connect());
    }

    private InStream<Tick> subscribed(Client client, Topic<Tick> topic, int count) {
        InStream<Tick> ticks = bed.keep(client.stream(WATCH, new Watch("it")));
        Await.until("it has subscribed", () -> topic.subscribers() == count);
        return ticks;
    }

    private static void publish(Topic<Tick> topic, int count) {
        for (int i = 1; i <= count; i++) {
            topic.publish(new Tick(i, PADDING));
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
    void whereTheNewestAreDroppedTheFirstAreKept() throws Exception {
        var topic = new Topic<Tick>(QUEUE, Topic.Policy.DROP_NEWEST);
        InStream<Tick> ticks = subscribed(client(topic), topic, 1);
        publish(topic, TOO_MANY);
        topic.close();
        List<Integer> numbers = numbers(ticks);
        assertThat(numbers)
                .isSorted()
                .doesNotHaveDuplicates()
                .startsWith(1, 2, 3)
                .hasSizeGreaterThan(QUEUE);
        assertThat(numbers.size() + topic.dropped()).isEqualTo(TOO_MANY);
    }

    @Test
    void aSlowSubscriberGetsTheLatestOfEachKey() throws Exception {
        Topic<Tick> topic = Topic.latestByKey(QUEUE, tick -> tick.number() % 10);
        InStream<Tick> ticks = subscribed(client(topic), topic, 1);
        publish(topic, TOO_MANY);
        topic.close();
        List<Integer> numbers = numbers(ticks);
        List<Integer> last = numbers.subList(numbers.size() - 10, numbers.size());
        assertThat(last).allMatch(number -> number > TOO_MANY - 10).doesNotHaveDuplicates();
        assertThat(numbers.size() + topic.dropped()).isEqualTo(TOO_MANY);
    }

    @Test
    void aPartOfATopicIsWhatItsFilterLetsPass() throws Exception {
        var topic = new Topic<Tick>(QUEUE, Topic.Policy.BLOCK);
        EventLoop loop = bed.newLoop();
        Server server = bed.keep(bed.server()
                .onLoopStream(WATCH, (watch, exchange) -> topic.filtered(tick -> tick.number() % 2 == 0))
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
        Client client = bed.keep(Client.builder(server.address()).loop(loop).connect());
        InStream<Tick> ticks = subscribed(client, topic, 1);
        publish(topic, 10);
        topic.close();
        assertThat(numbers(ticks)).containsExactly(2, 4, 6, 8, 10);
    }

    @Test
    void oneStreamFollowsSeveralTopics() throws Exception {
        var one = new Topic<Tick>(QUEUE, Topic.Policy.BLOCK);
        var other = new Topic<Tick>(QUEUE, Topic.Policy.BLOCK);
        EventLoop loop = bed.newLoop();
        Server server = bed.keep(bed.server()
                .onStream(WATCH, (watch, out) -> {
                    out.send(new Tick(0, ""));
                    var first = out.follow(one);
                    var second = out.follow(other);
                    first.join();
                    second.cancel(true);
                    out.send(new Tick(99, ""));
                })
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
        Client client = bed.keep(Client.builder(server.address()).loop(loop).connect());
        InStream<Tick> ticks = subscribed(client, one, 1);
        Await.until("it follows the other", () -> other.subscribers() == 1);
        one.publish(new Tick(1, ""));
        other.publish(new Tick(2, ""));
        assertThat(List.of(number(ticks), number(ticks), number(ticks))).containsExactlyInAnyOrder(0, 1, 2);
        one.close();
        assertThat(number(ticks)).isEqualTo(99);
        assertThat(ticks.receive()).isNull();
        assertThat(other.subscribers()).isZero();
    }

    private static int number(InStream<Tick> ticks) throws IOException {
        return Objects.requireNonNull(ticks.receive()).number();
    }

    /** A subscriber that comes while others publish sees each change once: in the snapshot, or after it. */
    @Test
    void aSnapshotAndWhatFollowsHaveNeitherAGapNorADouble() throws Exception {
        var topic = new Topic<Tick>(1_000_000, Topic.Policy.BLOCK);
        var state = new ArrayList<Tick>();
        var mayEnd = new CountDownLatch(1);
        Thread publisher = Thread.ofPlatform().start(() -> {
            for (int i = 1; i <= TOO_MANY || mayEnd.getCount() > 0; i++) {
                int number = i;
                topic.publish(() -> {
                    state.add(new Tick(number, ""));
                    return state.getLast();
                });
            }
        });
        var all = new ArrayList<List<Integer>>();
        for (int i = 0; i < 50; i++) {
            var numbers = Collections.synchronizedList(new ArrayList<Integer>());
            all.add(numbers);
            topic.startingWith(() -> List.copyOf(state), tick -> true).subscribe(new Collecting(numbers));
        }
        Await.until("all have subscribed", () -> topic.subscribers() == 50);
        mayEnd.countDown();
        publisher.join();
        int last = state.size();
        for (List<Integer> numbers : all) {
            Await.until("the last has come", () -> numbers.size() >= last);
            assertThat(numbers).hasSize(last);
            for (int i = 0; i < last; i++) {
                assertThat(numbers.get(i)).isEqualTo(i + 1);
            }
        }
    }

    private record Collecting(List<Integer> numbers) implements Flow.Subscriber<Tick> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Tick tick) {
            numbers.add(tick.number());
        }

        @Override
        public void onError(Throwable thrown) {
            numbers.add(-1);
        }

        @Override
        public void onComplete() {
            numbers.add(-2);
        }
    }

    /** A publisher that waits for a slow subscriber holds the topic; a loop that subscribes must not wait for it. */
    @Test
    void whoSubscribesWaitsForNoPublisher() throws Exception {
        var topic = new Topic<Tick>(1, Topic.Policy.BLOCK);
        topic.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {}

            @Override
            public void onNext(Tick tick) {}

            @Override
            public void onError(Throwable thrown) {}

            @Override
            public void onComplete() {}
        });
        var interrupted = new CompletableFuture<Throwable>();
        Thread publisher = Thread.startVirtualThread(() -> {
            try {
                publish(topic, 2);
            } catch (CancellationException e) {
                interrupted.complete(e);
            }
        });
        Await.until("the publisher waits", () -> topic.published() == 2);
        topic.startingWith(List::of, tick -> true).subscribe(new Collecting(new ArrayList<>()));
        topic.filtered(tick -> true).subscribe(new Collecting(new ArrayList<>()));
        assertThat(topic.subscribers()).isEqualTo(2);
        publisher.interrupt();
        publisher.join();
        assertThat(interrupted).isDone();
        Await.until("the third has subscribed", () -> topic.subscribers() == 3);
    }

    @Test
    void oneThatThrowsHarmsNeitherThePublisherNorTenThousandOthers() {
        var topic = new Topic<Tick>(QUEUE, Topic.Policy.DISCONNECT);
        var all = new ArrayList<List<Integer>>();
        for (int i = 0; i < 10_000; i++) {
            all.add(new ArrayList<>());
            topic.subscribe(new Collecting(all.getLast()));
        }
        topic.subscribe(new Collecting(List.of())); // it throws, since nothing can be added
        topic.filtered(tick -> {
                    throw new IllegalStateException("its own");
                })
                .subscribe(new Collecting(all.getFirst()));
        assertThat(topic.subscribers()).isEqualTo(10_002);
        publish(topic, 3);
        topic.close();
        assertThat(topic.subscribers()).isZero();
        assertThat(all.removeFirst()).containsExactlyInAnyOrder(1, 2, 3, -1, -2);
        assertThat(all).allSatisfy(numbers -> assertThat(numbers).containsExactly(1, 2, 3, -2));
    }

    /** Subscribers that publish to each other's topic from two threads must not wait for each other for ever. */
    @Test
    void subscribersMayPublish() throws Exception {
        var one = new Topic<Tick>(TOO_MANY, Topic.Policy.BLOCK);
        var other = new Topic<Tick>(TOO_MANY, Topic.Policy.BLOCK);
        var ofOne = Collections.synchronizedList(new ArrayList<Integer>());
        var ofOther = Collections.synchronizedList(new ArrayList<Integer>());
        one.filtered(tick -> tick.number() > 0).subscribe(new Forwarding(other));
        other.filtered(tick -> tick.number() > 0).subscribe(new Forwarding(one));
        one.subscribe(new Collecting(ofOne));
        other.subscribe(new Collecting(ofOther));
        Thread first = Thread.ofPlatform().start(() -> publish(one, TOO_MANY));
        Thread second = Thread.ofPlatform().start(() -> publish(other, TOO_MANY));
        first.join();
        second.join();
        Await.until("all came", () -> ofOne.size() == 2 * TOO_MANY && ofOther.size() == 2 * TOO_MANY);
    }

    /** Publishes each value to another topic, as a negative number. */
    private record Forwarding(Topic<Tick> to) implements Flow.Subscriber<Tick> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Tick tick) {
            to.publish(new Tick(-tick.number(), ""));
        }

        @Override
        public void onError(Throwable thrown) {}

        @Override
        public void onComplete() {}
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
