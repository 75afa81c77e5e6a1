package dev.parley.tests.streams;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.DrainReport;
import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a publisher or a stage of a handler that throws when it is cancelled: the stream and its connection end as
 * usual.
 */
@Timeout(120)
class ThrowingCancelTest {
    private static final Action<Message, Message> WATCH = Action.of("watch", Message.class, Message.class);
    private static final Action<Message, Message> UPLOAD = Action.of("upload", Message.class, Message.class);
    private static final Action<Message, Message> FOLLOW = Action.of("follow", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicInteger disconnected = new AtomicInteger();
    private final CompletableFuture<CompletableFuture<?>> followed = new CompletableFuture<>();
    private Server server;

    /** Asserts that no failure is left. The bed does this last, when all is closed. */
    @BeforeEach
    void serve() throws Exception {
        bed.keep(() -> bed.census().takeFailures());
        server = bed.listen(bed.server()
                .onLoop("echo", asked -> asked)
                .onLoopStream(WATCH, (asked, exchange) -> this::subscribe)
                .onLoopUpload(UPLOAD, (values, exchange) -> {
                    begun.incrementAndGet();
                    return new WithoutFuture();
                })
                .onStream(FOLLOW, (asked, out) -> {
                    CompletableFuture<?> end = out.follow(this::subscribe);
                    followed.complete(end);
                    end.join();
                })
                .onDisconnected(connection -> disconnected.incrementAndGet()));
    }

    private void subscribe(Flow.Subscriber<? super Message> subscriber) {
        subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {
                begun.incrementAndGet();
            }

            @Override
            public void cancel() {
                cancelled.incrementAndGet();
                throw new IllegalStateException("on purpose");
            }
        });
    }

    /** A stage that does not work together with others, as the interface allows. */
    private static final class WithoutFuture extends CompletableFuture<Message> {
        @Override
        public CompletableFuture<Message> toCompletableFuture() {
            throw new UnsupportedOperationException("on purpose");
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }

    private static Message opening(long id, String action) {
        Message first = request(id, action, Message.text(""));
        return action.equals("upload") ? first.withProtocolKey(Header.MORE, true) : first;
    }

    private MessagePeer begin(Message opening) throws Exception {
        MessagePeer peer = bed.peer(server);
        peer.send(opening);
        Await.until("it has begun", () -> begun.get() == 1);
        return peer;
    }

    private static void echo(MessagePeer peer) throws Exception {
        peer.send(request(7, "echo", Message.text("still here")));
        assertThat(peer.receiveAnswer().text()).isEqualTo("still here");
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch", "upload", "follow"})
    void aClientThatGoesAwayIsForgotten(String action) throws Exception {
        begin(opening(1, action)).raw.reset();
        Await.until("it is gone", () -> disconnected.get() == 1);
        assertThat(server.openConnections()).isZero();
        assertThat(server.drain(Duration.ofHours(1))).isEqualTo(new DrainReport(0, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch", "upload", "follow"})
    void aClientThatCancelsKeepsItsConnection(String action) throws Exception {
        MessagePeer peer = begin(opening(1, action));
        peer.send(ControlFrames.of(ControlFrames.CANCEL, 1));
        assertThat(peer.receiveAnswer().status()).contains("cancelled");
        echo(peer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch", "upload", "follow"})
    void aClientWhoseTimeIsOverLearnsThat(String action) throws Exception {
        MessagePeer peer = begin(opening(1, action).with(Header.TIMEOUT_MS, 1_000));
        bed.ticker().advance(Duration.ofSeconds(2));
        assertThat(peer.receiveAnswer().status()).contains("timeout");
        echo(peer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch", "upload", "follow"})
    void aDrainCutsIt(String action) throws Exception {
        MessagePeer peer = begin(opening(1, action));
        MessagePeer other = bed.peer(server);
        echo(other);
        var drained = new CompletableFuture<DrainReport>();
        Thread.startVirtualThread(() -> {
            try {
                drained.complete(server.drain(Duration.ofSeconds(1)));
            } catch (InterruptedException e) {
                drained.completeExceptionally(e);
            }
        });
        Await.until("it drains", () -> !server.isServing());
        Await.until("both are closed", () -> {
            bed.ticker().advance(Duration.ofSeconds(2));
            return disconnected.get() == 2;
        });
        assertThat(drained.get(30, TimeUnit.SECONDS).connections()).isEqualTo(2);
        assertThat(peer.receiveAnswer().status()).contains("unavailable");
    }

    @Test
    void aFollowedPublisherThatThrowsStillEnds() throws Exception {
        begin(opening(1, "follow")).raw.reset();
        CompletableFuture<?> end = followed.get(30, TimeUnit.SECONDS);
        assertThatThrownBy(() -> end.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ExchangeEndedException.class);
        assertThat(cancelled).hasValue(1);
        Await.until("the log says so", () -> bed.census().takeFailures().stream()
                .anyMatch(failure -> failure.contains("cancelling the subscription of a stream failed")));
    }

    @Test
    void aPublisherWhoseRequestThrowsEndsItsStream() throws Exception {
        Action<Message, Message> broken = Action.of("broken", Message.class, Message.class);
        Server other = bed.listen(bed.server()
                .onLoopStream(
                        broken,
                        (asked, exchange) -> subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
                            @Override
                            public void request(long count) {
                                throw new AssertionError("on purpose");
                            }

                            @Override
                            public void cancel() {}
                        })));
        MessagePeer peer = bed.peer(other);
        peer.send(request(1, "broken", Message.text("")));
        assertThat(peer.receiveAnswer().status()).contains("internal");
    }
}
