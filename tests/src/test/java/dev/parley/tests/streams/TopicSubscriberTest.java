package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Topic;
import dev.parley.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests subscribers of a topic that the program itself has written: snapshots, and wrong ones. */
@Timeout(60)
class TopicSubscriberTest {
    /** Collects values, of which it requests none before a test wants them. */
    private static class Manual<T> implements Flow.Subscriber<T> {
        final List<T> values = Collections.synchronizedList(new ArrayList<>());
        final CompletableFuture<Throwable> failure = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        void request(long count) {
            Objects.requireNonNull(subscription).request(count);
        }

        @Override
        public void onNext(T value) {
            values.add(value);
        }

        @Override
        public void onError(Throwable thrown) {
            failure.complete(thrown);
        }

        @Override
        public void onComplete() {}
    }

    @ParameterizedTest
    @EnumSource(Topic.Policy.class)
    void aSnapshotTakesNoRoomFromTheUpdates(Topic.Policy policy) {
        var topic = new Topic<Integer>(5, policy);
        var subscriber = new Manual<Integer>();
        List<Integer> snapshot = IntStream.range(0, 100).boxed().toList();
        topic.startingWith(() -> snapshot, value -> true).subscribe(subscriber);
        for (int i = 100; i < 105; i++) {
            topic.publish(i); // would wait for ever if the snapshot took the room
        }
        subscriber.request(Long.MAX_VALUE);
        assertThat(subscriber.values).isEqualTo(IntStream.range(0, 105).boxed().toList());
        assertThat(topic.dropped()).isZero();
        assertThat(subscriber.failure).isNotDone();
    }

    @Test
    void aSnapshotTakesNoRoomFromTheUpdatesOfKeys() {
        Topic<Integer> topic = Topic.latestByKey(100, value -> value % 100);
        var subscriber = new Manual<Integer>();
        topic.startingWith(() -> IntStream.range(0, 100).boxed().toList(), value -> true)
                .subscribe(subscriber);
        for (int i = 100; i < 200; i++) {
            topic.publish(i);
        }
        subscriber.request(Long.MAX_VALUE);
        assertThat(subscriber.values).isEqualTo(IntStream.range(0, 200).boxed().toList());
    }

    @Test
    void aSubscriberThatRequestsNothingByMistakeLetsWaitingPublishersGo() throws Exception {
        var topic = new Topic<Integer>(2, Topic.Policy.BLOCK);
        var subscriber = new Manual<Integer>();
        topic.subscribe(subscriber);
        var publishing = Thread.startVirtualThread(() -> {
            for (int i = 0; i < 10; i++) {
                topic.publish(i);
            }
        });
        Await.until("it waits", () -> publishing.getState() == Thread.State.WAITING);
        subscriber.request(0);
        assertThat(publishing.join(Duration.ofSeconds(20))).isTrue();
        assertThat(subscriber.failure.get()).hasMessageContaining("requested 0 values");
    }

    @Test
    void aKeyThatIsPublishedOftenKeepsItsPlace() {
        Topic<String> topic = Topic.latestByKey(10, value -> value.substring(0, 1));
        var subscriber = new Manual<String>();
        topic.subscribe(subscriber);
        topic.publish("a0");
        topic.publish("b0");
        for (int i = 1; i <= 4; i++) {
            topic.publish("b" + i);
            topic.publish("a" + i);
            subscriber.request(1);
        }
        assertThat(subscriber.values).containsExactly("a1", "b2", "a3", "b4");
        assertThat(topic.dropped()).isEqualTo(5); // a0, b0, b1, a2, b3
    }

    /** Such a subscriber would wait for itself, and hold up all other publishers. */
    @Test
    void aSubscriberThatPublishesToABlockingTopicGetsAnException() {
        var topic = new Topic<Integer>(1, Topic.Policy.BLOCK);
        var thrown = Collections.synchronizedList(new ArrayList<Throwable>());
        var subscriber = new Manual<Integer>() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                super.onSubscribe(given);
                publish();
                given.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Integer value) {
                super.onNext(value);
                publish();
            }

            private void publish() {
                try {
                    topic.publish(-1);
                } catch (IllegalStateException e) {
                    thrown.add(e);
                }
            }
        };
        topic.subscribe(subscriber);
        topic.publish(1);
        topic.publish(2);
        assertThat(subscriber.values).containsExactly(1, 2);
        assertThat(thrown).hasSize(3).allSatisfy(each -> assertThat(each).hasMessageContaining("wait for itself"));
    }

    @Test
    void aValueThatMeetsTheCloseIsCounted() throws Exception {
        var topic = new Topic<Integer>(1, Topic.Policy.BLOCK);
        var subscriber = new Manual<Integer>();
        topic.subscribe(subscriber);
        topic.publish(1);
        Thread publishing = Thread.startVirtualThread(() -> topic.publish(2));
        Await.until("it waits", () -> publishing.getState() == Thread.State.WAITING);
        topic.close();
        assertThat(publishing.join(Duration.ofSeconds(20))).isTrue();
        subscriber.request(10);
        assertThat(subscriber.values).containsExactly(1);
        assertThat(topic.published())
                .isEqualTo(topic.delivered() + topic.dropped())
                .isEqualTo(2);
    }

    @Test
    void aSubscriberThatThrowsAtItsSubscriptionIsForgotten() {
        var topic = new Topic<Integer>(2, Topic.Policy.BLOCK);
        topic.subscribe(new Manual<>() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                throw new IllegalStateException("on purpose");
            }
        });
        assertThat(topic.subscribers()).isZero();
        for (int i = 0; i < 10; i++) {
            topic.publish(i);
        }
    }

    /**
     * Returns what the function of a subscriber may throw; the exception of an interrupted publisher is another one.
     */
    static Stream<Throwable> thrown() {
        return Stream.of(
                new IllegalStateException("on purpose"),
                new StackOverflowError("on purpose"),
                new CancellationException("on purpose"));
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> boolean sneak(Throwable any) throws T {
        throw (T) any;
    }

    @ParameterizedTest
    @MethodSource("thrown")
    void aFilterThatThrowsEndsItsSubscriberAlone(Throwable thrown) {
        var topic = new Topic<Integer>(5, Topic.Policy.BLOCK);
        var before = new Manual<Integer>();
        var failing = new Manual<Integer>();
        var after = new Manual<Integer>();
        topic.subscribe(before);
        topic.filtered(value -> TopicSubscriberTest.<RuntimeException>sneak(thrown))
                .subscribe(failing);
        topic.subscribe(after);
        topic.publish(1);
        before.request(1);
        after.request(1);
        assertThat(before.values).containsExactly(1);
        assertThat(after.values).containsExactly(1);
        assertThat(failing.failure).isCompletedWithValue(thrown);
        assertThat(topic.subscribers()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("thrown")
    void aSnapshotThatThrowsEndsItsSubscriber(Throwable thrown) {
        var topic = new Topic<Integer>(5, Topic.Policy.BLOCK);
        var subscriber = new Manual<Integer>();
        topic.startingWith(
                        () -> {
                            TopicSubscriberTest.<RuntimeException>sneak(thrown);
                            return List.of();
                        },
                        value -> true)
                .subscribe(subscriber);
        assertThat(subscriber.failure).isCompletedWithValue(thrown);
        assertThat(topic.subscribers()).isZero();
    }
}
