package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.ExchangeEndedException;
import dev.parley.InStream;
import dev.parley.OutStream;
import dev.parley.Server;
import dev.parley.Topic;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests streams that follow topics: the subscriptions when the stream ends, and a shared credit. */
@Timeout(120)
class FollowedTopicsTest {
    private static final Action<Integer, Integer> WATCH = Action.of("watch", Integer.class, Integer.class);
    private static final Action<String, String> TEXTS = Action.of("texts", String.class, String.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Topic<Integer> first = new Topic<>(10, Topic.Policy.BLOCK);
    private final Topic<Integer> second = new Topic<>(10, Topic.Policy.BLOCK);
    private final CompletableFuture<CompletableFuture<?>> followed = new CompletableFuture<>();

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    private Client client(Server server) throws Exception {
        return bed.client(server.address());
    }

    @Test
    void aStreamThatHasEndedFollowsNothingAnyMore() throws Exception {
        Server server = bed.listen(bed.server().onStream(WATCH, (watch, out) -> {
            CompletableFuture<?> one = out.follow(first);
            followed.complete(out.follow(second));
            one.join();
        }));
        InStream<Integer> values = bed.keep(client(server).stream(WATCH, 1));
        Await.until("it follows both", () -> second.subscribers() == 1);
        first.close();
        assertThat(values).isEmpty();
        assertEnded(followed.get());
        publishMore();
    }

    private static void assertEnded(CompletableFuture<?> following) {
        assertThatThrownBy(() -> following.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ExchangeEndedException.class);
    }

    /** Publishes more values than would fit into the queue of a subscription that is still there. */
    private void publishMore() {
        Await.until("it has no subscriber", () -> second.subscribers() == 0);
        for (int i = 0; i < 100; i++) {
            second.publish(i);
        }
    }

    @Test
    void aStreamWhoseHandlerFailsFollowsNothingAnyMore() throws Exception {
        Server server = bed.listen(bed.server().onStream(WATCH, (watch, out) -> {
            followed.complete(out.follow(second));
            throw new ApplicationException("odd", "on purpose");
        }));
        InStream<Integer> values = bed.keep(client(server).stream(WATCH, 1));
        assertThatThrownBy(() -> values.forEach(value -> {})).hasMessageContaining("on purpose");
        assertEnded(followed.get());
        publishMore();
    }

    @Test
    void aClientThatHasEndedItsDirectionFollowsNothingAnyMore() throws Exception {
        Server server = bed.listen(bed.server().onDuplex(WATCH, (in, out, exchange) -> in.forEach(value -> {})));
        try (Duplex<Integer, Integer> duplex = client(server).duplex(WATCH)) {
            CompletableFuture<?> following = duplex.out().follow(second);
            second.publish(1);
            duplex.end();
            assertEnded(following);
        }
        publishMore();
    }

    @Test
    void aStreamThatIsOverFollowsNothing() throws Exception {
        var isOver = new CompletableFuture<OutStream<Integer>>();
        var looked = new CountDownLatch(1);
        Server server = bed.listen(bed.server().onStream(WATCH, (watch, out) -> isOver.complete(out)));
        assertThat(bed.keep(client(server).stream(WATCH, 1))).isEmpty();
        assertEnded(isOver.get().follow(second));
        looked.countDown();
        publishMore();
    }

    /** The loop sends what a stream follows, and the handler's thread sends too: both use the same credit. */
    @Test
    void twoSendersOfOneStreamKeepToItsCredit() throws Exception {
        var texts = new Topic<String>(100, Topic.Policy.BLOCK);
        int each = 3_000;
        Server server = bed.listen(bed.server().onStream(TEXTS, (padding, out) -> {
            CompletableFuture<?> rest = out.follow(texts);
            for (int i = 0; i < each; i++) {
                out.send("own " + i + padding);
            }
            rest.join();
        }));
        InStream<String> values = bed.keep(client(server).stream(TEXTS, "x".repeat(2_000)));
        Await.until("it follows", () -> texts.subscribers() == 1);
        var publishing = Thread.startVirtualThread(() -> {
            for (int i = 0; i < each; i++) {
                texts.publish("followed " + i + "y".repeat(2_000));
            }
            texts.close();
        });
        List<String> own = new ArrayList<>();
        List<String> other = new ArrayList<>();
        values.forEach(value -> (value.startsWith("own") ? own : other).add(value));
        publishing.join();
        assertThat(own).hasSize(each);
        assertThat(other).hasSize(each);
    }
}
