package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static dev.parley.tests.bed.MessagePeer.unchecked;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests requests that wait for their turn, and clients that wait with them: order, bounds, deadlines, pings. */
@Timeout(300)
class RequestQueueingTest {
    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final EventLoop loop = bed.loop();

    /** The permits of the handlers of {@code wait}: each takes one to return. */
    private final Semaphore mayReturn = new Semaphore(0);

    private final AtomicInteger started = new AtomicInteger();
    private final Queue<Exchange> exchanges = new ConcurrentLinkedQueue<>();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @AfterEach
    void letGo() {
        mayReturn.release(1_000);
    }

    private Server listen() throws BindFailedException {
        return listen(settings -> settings);
    }

    private Server listen(UnaryOperator<ServerBuilder> further) throws BindFailedException {
        ServerBuilder settings =
                bed.server().on("wait", this::waitForLeave).onLoop("now", request -> Message.text("now"));
        return further.apply(settings).listen(loop, Address.parse("tcp://127.0.0.1:0"));
    }

    private Message waitForLeave(Message request, Exchange exchange) throws InterruptedException {
        exchanges.add(exchange);
        started.incrementAndGet();
        try {
            mayReturn.acquire();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
        return Message.text(request.text());
    }

    private static Message text(String text) {
        return Message.text(text);
    }

    private void awaitStarted(int count) {
        Await.until(count + " handlers run", () -> started.get() == count);
    }

    /** Waits until the loop has answered another client: then it has done the work that it got before. */
    private static void awaitIdleLoop(Server server) throws Exception {
        try (MessagePeer other = MessagePeer.connect(server.address())) {
            other.send(request(1, "now", text("")));
            other.receive();
        }
    }

    @Test
    void theRefusalOfAPlainRequestWaitsForTheOneBefore() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(0, "wait", text("first")));
            peer.send(unchecked(text("x"), "content-coding", "br"));
            awaitStarted(1);
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("first");
            assertThat(peer.receive().status()).contains("unsupported-encoding");
        }
    }

    /** Plain answers have no ids: one that overtakes another would be taken for it. */
    @ParameterizedTest
    @CsvSource({"stream, bad-field", "none, unknown-action", "wait, busy"})
    void whatIsRefusedAtOnceWaitsForThePlainOnesBefore(String action, String status) throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightTotalMax(1))
                        .onStream(Action.of("stream", Message.class, Message.class), (asked, out) -> {}));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(0, "wait", text("first")));
            awaitStarted(1);
            peer.send(request(0, action, text("second")));
            awaitIdleLoop(server);
            try (MessagePeer other = MessagePeer.connect(server.address())) {
                if (status.equals("busy")) {
                    other.send(request(1, "wait", text("")));
                    assertThat(other.receive().status()).contains("busy");
                }
            }
            mayReturn.release(2);
            assertThat(peer.receive().text()).isEqualTo("first");
            Message second = peer.receive();
            if (status.equals("busy")) {
                assertThat(second.text()).isEqualTo("second"); // there was room when its turn came
            } else {
                assertThat(second.status()).contains(status);
            }
        }
    }

    @Test
    void aDrainRefusesPlainRequestsInTheirOrder() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address());
                MessagePeer other = MessagePeer.connect(server.address())) {
            peer.send(request(0, "wait", text("first")));
            awaitStarted(1);
            other.send(request(1, "now", text("")));
            assertThat(other.receive().text()).isEqualTo("now");
            Thread drain = Thread.startVirtualThread(() -> {
                try {
                    server.drain(Duration.ofSeconds(10));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
            assertThat(other.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
            peer.send(request(0, "wait", text("second")));
            other.send(request(2, "now", text("")));
            assertThat(other.receive().status()).contains("going-away");
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("first");
            assertThat(peer.receive().status()).contains("going-away");
            peer.raw.shutdownOutput();
            other.raw.shutdownOutput();
            drain.join();
        }
    }

    /** 64 wait for the lane, and 256 KiB of others are read: a control behind more than that is read late. */
    @Test
    void whatIsReadBeforeItsTurnIsBounded() throws Exception {
        int count = 2_000;
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(0, "wait", text("first")));
            awaitStarted(1);
            for (int i = 1; i < count; i++) {
                peer.send(request(0, "wait", text("further")));
            }
            peer.send(request(1, "now", text("passes those that were read, and is read late")));
            awaitIdleLoop(server);
            mayReturn.release(count);
            int before = 0;
            while (peer.receive().header().id() == Header.NO_ID) {
                before++;
            }
            assertThat(before).isBetween(count - 1_200, count - 100);
            for (int left = count - before; left > 0; left--) {
                assertThat(peer.receive().text()).isEqualTo("further");
            }
        }
    }

    /** As many handlers run as may, so requests wait, and other messages are read on. */
    @Test
    void controlsBehindRequestsThatWaitAreRead() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1))
                        .onUpload(Action.of("upload", Message.class, Message.class), in -> {
                            int pieces = 0;
                            while (in.receive() != null) {
                                pieces++;
                            }
                            return text(String.valueOf(pieces));
                        }));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(100, "upload", text("x")).withProtocolKey(Header.MORE, true));
            peer.send(request(1, "wait", text("first")));
            awaitStarted(1);
            for (int id = 2; id <= 50; id++) {
                peer.send(request(id, "wait", text("further")));
            }
            peer.send(text("y").going(Direction.REQUEST, 100));
            assertThat(peer.receive().text()).isEqualTo("2");
            peer.send(text("").going(Direction.REQUEST, 50).withProtocolKey(Header.CONTROL, "cancel"));
            Message cancelled = peer.receive();
            assertThat(cancelled.header().id()).isEqualTo(50);
            assertThat(cancelled.status()).contains("cancelled");
            peer.send(text("").going(Direction.REQUEST, 1).withProtocolKey(Header.CONTROL, "cancel"));
            assertThat(peer.receive().header().id()).isEqualTo(1);
            mayReturn.release(50);
            for (int id = 2; id < 50; id++) {
                assertThat(peer.receive().header().id()).isEqualTo(id);
            }
        }
        assertThat(started).hasValue(49);
    }

    @Test
    void theIdOfARequestThatWaitsIsInUse() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1)));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("first")));
            awaitStarted(1);
            peer.send(request(2, "wait", text("second"))).send(request(2, "wait", text("the same")));
            awaitIdleLoop(server);
            mayReturn.release(2);
            assertThat(peer.receive().text()).isEqualTo("first");
            assertThat(peer.receive().text()).isEqualTo("second");
            assertThat(peer.receive().status()).contains("duplicate-id");
        }
    }

    /** If the connection has to end at once, the waiting requests are answered as not begun. */
    @Test
    void whatWaitsWhenTheGraceIsOverIsToldThatItWasNotBegun() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1)));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("first")));
            awaitStarted(1);
            peer.send(request(2, "wait", text("second")));
            peer.raw.send(new byte[] {0, 1, '['});
            awaitIdleLoop(server);
            ticker.advance(MessageLimits.DEFAULT.drainGrace());
            var statuses = new HashMap<Long, String>();
            for (int i = 0; i < 2; i++) {
                Message next = peer.receive();
                statuses.put(next.header().id(), next.status().orElseThrow());
            }
            assertThat(statuses).isEqualTo(Map.of(1L, "unavailable", 2L, "going-away"));
            assertThat(peer.receive().status()).contains("bad-frame");
        }
        assertThat(started).hasValue(1);
    }

    @Test
    void whatWaitsForItsTurnIsNotBegunWhenItsClientIsGone() throws Exception {
        try (Server server = listen()) {
            try (MessagePeer peer = MessagePeer.connect(server.address())) {
                for (int i = 0; i < 10; i++) {
                    peer.send(request(0, "wait", text("x")));
                }
                awaitStarted(1);
                awaitIdleLoop(server);
                peer.raw.reset();
            }
            interrupted.await();
            mayReturn.release(10);
            awaitIdleLoop(server);
        }
        assertThat(started).hasValue(1);
        assertThat(census.takeFailures()).isEmpty();
    }

    /**
     * The request's time runs while it waits for its turn; when the time is over, its answer is not wanted any more.
     */
    @Test
    void whatIsOverdueWhenItsTurnComesIsNotHandled() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1)));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("first")));
            awaitStarted(1);
            peer.send(request(2, "wait", text("second")).with(Header.TIMEOUT_MS, 100));
            awaitIdleLoop(server);
            ticker.advance(Duration.ofMillis(100));
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("first");
            assertThat(peer.receive().status()).contains("timeout");
            peer.send(request(3, "wait", text("third")));
            awaitStarted(2);
            peer.send(request(4, "wait", text("fourth")).with(Header.TIMEOUT_MS, 100));
            awaitIdleLoop(server);
            ticker.advance(Duration.ofMillis(40));
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("third");
            awaitStarted(3);
            assertThat(List.copyOf(exchanges).getLast().timeLeft()).contains(Duration.ofMillis(60));
            ticker.advance(Duration.ofMillis(60));
            assertThat(peer.receive().status()).contains("timeout");
        }
    }

    /** Each of them gets its answer, also where the connection has to end before their turn. */
    @Test
    void aFatalErrorAnswersAllThatWaitForTheirTurn() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (int i = 0; i < 3; i++) {
                peer.send(request(0, "wait", text("x")));
            }
            awaitStarted(1);
            peer.raw.send(new byte[] {0, 1, '['});
            awaitIdleLoop(server);
            ticker.advance(MessageLimits.DEFAULT.drainGrace());
            for (int i = 0; i < 3; i++) {
                assertThat(peer.receive().status()).contains("unavailable");
            }
            assertThat(peer.receive().status()).contains("bad-frame");
            interrupted.await();
        }
        assertThat(started).hasValue(1);
    }

    /** Returns the next message; time passes while the server may still be busy with earlier ones. */
    private Message receiveAsTimePasses(MessagePeer peer) {
        var received = new CompletableFuture<Message>();
        Thread.startVirtualThread(() -> {
            try {
                received.complete(peer.receive());
            } catch (IOException | AssertionError e) {
                received.completeExceptionally(e);
            }
        });
        do {
            ticker.advance(MessageLimits.DEFAULT.pingTimeout().dividedBy(2));
        } while (!Await.within(Duration.ofSeconds(1), received::isDone));
        return received.join();
    }

    /** Its pings lie behind bytes that are not read for now; without a word it would hold the server to be lost. */
    @Test
    void aClientThatIsHeldBackHearsThatTheServerLives() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1)));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("first")));
            awaitStarted(1);
            peer.send(request(2, "wait", Message.binary("x", new byte[300_000])));
            peer.raw.send(both(
                    request(3, "wait", text("third")),
                    text("").going(Direction.REQUEST, 7).withProtocolKey(Header.CONTROL, "ping")));
            for (int i = 0; i < 3; i++) {
                Message sign = receiveAsTimePasses(peer);
                assertThat(sign.header().text(Header.CONTROL)).isEqualTo("pong");
                assertThat(sign.header().id()).isEqualTo(Header.NO_ID);
            }
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("first");
            assertThat(peer.receive().header().id()).isEqualTo(7);
            mayReturn.release(2);
            assertThat(peer.receive().header().id()).isEqualTo(2);
            assertThat(peer.receive().text()).isEqualTo("third");
        }
    }

    /** The answer is sent, but the handler has its place until it returns. */
    @Test
    void whatIsOverAndStillRunsHoldsBackToo() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1))
                        .on("stubborn", request -> {
                            started.incrementAndGet();
                            mayReturn.acquireUninterruptibly();
                            return request;
                        }));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "stubborn", text("")).with(Header.TIMEOUT_MS, 100));
            awaitStarted(1);
            ticker.advance(Duration.ofMillis(100));
            assertThat(peer.receive().status()).contains("timeout");
            peer.raw.send(both(
                    request(2, "wait", text("second")),
                    text("").going(Direction.REQUEST, 7).withProtocolKey(Header.CONTROL, "ping")));
            assertThat(peer.receive().header().id()).isEqualTo(7);
            assertThat(started).hasValue(1);
            mayReturn.release(2);
            assertThat(peer.receive().text()).isEqualTo("second");
        }
    }

    private static byte[] both(Message first, Message second) {
        byte[] one = MessagePeer.bytes(first);
        byte[] other = MessagePeer.bytes(second);
        byte[] all = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }

    /** It waits for its answer, and can answer no ping. */
    @Test
    void aClientThatHasEndedItsDirectionIsNotPinged() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("long")));
            awaitStarted(1);
            peer.raw.shutdownOutput();
            for (int i = 0; i < 5; i++) {
                awaitIdleLoop(server);
                ticker.advance(MessageLimits.DEFAULT.pingInterval());
            }
            awaitIdleLoop(server);
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("long");
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }
}
