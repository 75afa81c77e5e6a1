package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a subscriber of a stream gets the values that have arrived and the end, even if its loop is closed. */
@Timeout(120)
class ClosedLoopStreamsTest {
    private static final Action<Integer, Integer> COUNT = Action.of("count", Integer.class, Integer.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final AtomicInteger sent = new AtomicInteger();
    private final CompletableFuture<Void> release = new CompletableFuture<>();
    private EventLoop loop;
    private Client client;

    /** Counts values, and requests them only if the test does. */
    private static final class Counting implements Flow.Subscriber<Integer> {
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        final AtomicInteger values = new AtomicInteger();
        final CompletableFuture<Integer> end = new CompletableFuture<>();
        final Consumer<Flow.Subscription> atEach;

        Counting(Consumer<Flow.Subscription> atEach) {
            this.atEach = atEach;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(Integer value) {
            values.incrementAndGet();
            atEach.accept(subscription.join());
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            end.complete(values.get());
        }

        void assertClosed() {
            Throwable failure = end.handle((count, thrown) -> thrown).join();
            assertThat(failure instanceof CompletionException e ? e.getCause() : failure)
                    .isInstanceOf(ClientClosedException.class);
        }
    }

    @BeforeEach
    void connect() throws Exception {
        Server server = bed.listen(bed.server().onStream(COUNT, (count, out) -> {
            for (int i = 0; i < count; i++) {
                out.send(i);
            }
            sent.incrementAndGet();
            release.get();
        }));
        loop = bed.newLoop();
        client = bed.keep(Client.builder(server.address()).loop(loop).connect());
    }

    /**
     * Lets go only at the end of a test: the server's own end of a stream must not arrive before the loop is closed.
     */
    @AfterEach
    void letGo() {
        release.complete(null);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theUnreadValuesAndTheEndAreDelivered(boolean oneByOne) throws Exception {
        var subscriber = new Counting(subscription -> {
            if (oneByOne) {
                subscription.request(1);
            }
        });
        client.streamAsync(COUNT, 500).subscribe(subscriber);
        Flow.Subscription subscription = subscriber.subscription.join();
        Await.until("all are sent", () -> sent.get() == 1);
        // The answer to a later call is behind the values.
        client.callAsync("none", Message.text(""), CallOptions.DEFAULT)
                .toCompletableFuture()
                .handle((answer, failure) -> 0)
                .join();
        loop.close();
        assertThat(subscriber.end).isNotDone();
        subscription.request(oneByOne ? 1 : Long.MAX_VALUE);
        subscriber.assertClosed();
        assertThat(subscriber.values).hasValue(500);
    }

    @Test
    void aStreamOfAClosedClientEndsWithThisReason() {
        client.close();
        loop.close();
        var subscriber = new Counting(subscription -> {});
        client.streamAsync(COUNT, 1).subscribe(subscriber);
        subscriber.assertClosed();
    }

    @Test
    void aSubscriberThatCancelsGetsNothingMore() throws Exception {
        var subscriber = new Counting(Flow.Subscription::cancel);
        client.streamAsync(COUNT, 100).subscribe(subscriber);
        Flow.Subscription subscription = subscriber.subscription.join();
        Await.until("all are sent", () -> sent.get() == 1);
        loop.close();
        subscription.request(Long.MAX_VALUE);
        assertThat(subscriber.end).isNotDone();
        assertThat(subscriber.values.get()).isLessThanOrEqualTo(1);
    }

    /** Linking a class may fail while a value is read. */
    @Test
    void anErrorWhileAValueIsReadEndsTheStreamWithIt() throws Exception {
        var subscriber = new Counting(subscription -> {});
        CallOptions failing = CallOptions.DEFAULT.withAnswerHeader(header -> {
            throw new LinkageError("the reader's own");
        });
        client.streamAsync(COUNT, 1, failing).subscribe(subscriber);
        subscriber.subscription.join().request(1);
        assertThat(subscriber.end.handle((count, failure) -> failure).join()).hasMessageContaining("the reader's own");
    }
}
