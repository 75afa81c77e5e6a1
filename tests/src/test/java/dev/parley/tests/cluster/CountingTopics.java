package dev.parley.tests.cluster;

import dev.parley.Cluster;
import dev.parley.Codec;
import dev.parley.DurableTopic;
import dev.parley.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Numbers that one node publishes, and what another one gets of them: of a shared topic each once at most and in their
 * order, and of a durable one each that is stored at least once.
 */
final class CountingTopics {
    private static final Codec<Integer> NUMBER = Codec.of(Integer.class);
    private static final long ENOUGH_BYTES = 100_000_000;

    final AtomicInteger got = new AtomicInteger();

    private final Topic<Integer> shared = new Topic<>(10_000, Topic.Policy.DROP_OLDEST);
    private final DurableTopic<Integer> durable;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Set<Integer> stored = ConcurrentHashMap.newKeySet();
    private final Set<Integer> read = ConcurrentHashMap.newKeySet();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /** Connects the topics of two nodes, whose broker must be there now. */
    CountingTopics(Cluster publisher, Cluster reader) throws IOException {
        publisher.share("numbers", NUMBER, shared);
        var there = new Topic<Integer>(10_000, Topic.Policy.DROP_OLDEST);
        reader.share("numbers", NUMBER, there);
        there.subscribe(new InOrder());
        durable = publisher.durable("kept", NUMBER, Duration.ofDays(1), ENOUGH_BYTES);
        reader.durable("kept", NUMBER, Duration.ofDays(1), ENOUGH_BYTES).read("all", read::add);
    }

    /** Publishes one number to both topics. */
    void publish() {
        int number = numbers.incrementAndGet();
        shared.publish(number);
        var _ = durable.publishAsync(number).whenComplete((nothing, thrown) -> {
            if (thrown == null) {
                stored.add(number);
            }
        });
    }

    /** Returns true if each number was read of which the publisher knows that it is stored. */
    boolean hasReadWhatIsStored() {
        return read.containsAll(List.copyOf(stored));
    }

    int stored() {
        return stored.size();
    }

    /** Returns what was untrue; empty if nothing was. */
    List<String> untrue() {
        return new ArrayList<>(wrong);
    }

    @Override
    public String toString() {
        return numbers + " published, " + got + " of them got, " + stored.size() + " stored, " + read.size() + " read";
    }

    private final class InOrder implements Flow.Subscriber<Integer> {
        private int last;

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Integer number) {
            if (number <= last) {
                wrong.add("the topic brought " + number + " after " + last);
            }
            last = number;
            got.incrementAndGet();
        }

        @Override
        public void onError(Throwable failed) {
            wrong.add("the topic failed: " + failed);
        }

        @Override
        public void onComplete() {}
    }
}
