package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What only the loop's own face has: callbacks, the send queue, timers, hand-over from other threads. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.parley.tests.contract.Wire#wanted")
@Timeout(300)
class LoopContract {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Wire wire;
    private final MemNetwork network = new MemNetwork();
    private final Census census = new Census();
    private final ManualTicker ticker = new ManualTicker();
    private final List<EventLoop> loops = new ArrayList<>();
    private Limits limits = Limits.DEFAULT;

    LoopContract(Wire wire) {
        this.wire = wire;
    }

    private EventLoop newLoop() {
        EventLoop loop = census.watch(wire.settings(network)
                .observer(census)
                .limits(limits)
                .ticker(ticker)
                .start());
        loops.add(loop);
        return loop;
    }

    @AfterEach
    void nothingIsLeft() {
        loops.forEach(EventLoop::close);
        census.assertNothingLeft();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private record Pair(LoopPeer client, LoopPeer server) {}

    private Pair pair() throws Exception {
        return pair(newLoop());
    }

    private Pair pair(EventLoop serverLoop) throws Exception {
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        LoopListener listener = serverLoop.listen(wire.free(), new NewPeerEach(accepted));
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened();
        LoopPeer server = accepted.poll(60, TimeUnit.SECONDS);
        assertThat(server).isNotNull();
        return new Pair(client, server);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] zeros(int count) {
        return new byte[count];
    }

    // Callbacks.

    @Test
    void openedIsToldOnceAndFirst() throws Exception {
        Pair pair = pair();
        assertThat(pair.client().opened).hasValue(1);
        assertThat(pair.server().opened).hasValue(1);
    }

    @Test
    void theEndIsToldOnce() throws Exception {
        Pair pair = pair();
        pair.client().shutdownOutput();
        pair.server().receiveToEnd();
        pair.server().send(zeros(10));
        pair.client().receive(10);
        assertThat(pair.server().ends).hasValue(1);
    }

    @Test
    void whatIsSentWhileConnectingArrives() throws Exception {
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        LoopListener listener = newLoop().listen(wire.free(), new NewPeerEach(accepted));
        EventLoop loop = newLoop();
        loop.execute(() -> {
            LoopConnection connection = loop.connect(listener.address(), new LoopPeer());
            assertThat(connection.send(text("early "))).isTrue();
            connection.send(text("bird"));
            connection.close();
        });
        LoopPeer server = accepted.poll(60, TimeUnit.SECONDS);
        assertThat(server).isNotNull();
        assertThat(server.receiveToEnd()).asString().isEqualTo("early bird");
    }

    @Test
    void anEchoByDefaultsEndsWithItsPeer() throws Exception {
        LoopListener listener = newLoop().listen(wire.free(), (connection, bytes) -> connection.send(bytes));
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened();
        byte[] sent = zeros(3_000_000);
        client.send(sent);
        client.shutdownOutput();
        assertThat(client.receiveToEnd()).isEqualTo(sent);
        assertThat(census.awaitClosed(client.info())).isEqualTo(CloseReason.LOCAL);
    }

    @Test
    void aReceiverThatThrowsCostsItsOwnConnectionOnly() throws Exception {
        EventLoop serverLoop = newLoop();
        Pair bystander = pair(serverLoop);
        Receiver throwing = (connection, bytes) -> {
            throw new StackOverflowError("on purpose");
        };
        LoopListener listener = serverLoop.listen(wire.free(), throwing);
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened().send(zeros(1));
        Await.until("it is closed", () -> census.closedByReason().containsKey(CloseReason.FAILED));
        assertThat(census.takeFailures()).singleElement().asString().contains("on purpose");
        bystander.client().send(zeros(5));
        bystander.server().receive(5);
    }

    @Test
    void everyCallbackMayThrow() throws Exception {
        EventLoop serverLoop = newLoop();
        Receiver throwing = new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                throw new IllegalStateException("opened");
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                throw new IllegalStateException("closed");
            }
        };
        LoopListener listener = serverLoop.listen(wire.free(), throwing);
        newLoop().connect(listener.address(), new LoopPeer());
        Await.until("both have thrown", () -> census.closedByReason().containsKey(CloseReason.FAILED));
        Pair bystander = pair(serverLoop);
        bystander.client().send(zeros(5));
        bystander.server().receive(5);
        assertThat(census.takeFailures()).hasSize(2);
    }

    @Test
    void closedIsToldOnceWithTheReason() throws Exception {
        var reasons = new CopyOnWriteArrayList<CloseReason>();
        LoopListener listener = newLoop().listen(wire.free(), new Receiver() {
            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {
                connection.close(CloseReason.PROTOCOL);
                connection.close();
                connection.reset();
            }

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                reasons.add(reason);
                assertThat(connection.closeReason()).isEqualTo(reason);
            }
        });
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened().send(zeros(1));
        client.receiveToEnd();
        Await.until("closed is told", () -> !reasons.isEmpty());
        assertThat(reasons).containsExactly(CloseReason.PROTOCOL);
    }

    // The send queue.

    @Test
    void sendAnswersFalseAboveTheHighMarkAndWritableFollows() throws Exception {
        Pair pair = pair();
        pair.client().pause();
        boolean more = true;
        int sent = 0;
        while (more) {
            sent += 32 * 1024;
            more = pair.server().onLoop(() -> pair.server().connection().send(zeros(32 * 1024)));
        }
        long queued = pair.server().onLoop(() -> pair.server().connection().queuedBytes());
        assertThat(queued).isBetween((long) limits.queuedBytesHigh(), limits.queuedBytesHigh() + 32L * 1024);
        assertThat(pair.server().drained).hasValue(0);
        pair.client().resume();
        pair.client().receive(sent);
        Await.until("writable is told", () -> pair.server().drained.get() == 1);
    }

    /** A client that asks and never reads must not make the server queue its answers without end. */
    @Test
    void anAcceptedConnectionIsNotReadWhileItsQueueIsHigh() throws Exception {
        LoopListener listener = newLoop().listen(wire.free(), (connection, bytes) -> {
            connection.send(bytes);
            assertThat(connection.queuedBytes()).isLessThan(limits.queuedBytesHigh() + 128L * 1024);
        });
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened().pause();
        byte[] sent = zeros(16 * 1024 * 1024);
        client.send(sent);
        client.resume();
        assertThat(client.receive(sent.length)).isEqualTo(sent);
    }

    @Test
    void aQueueWithoutEndIsClosedWithLimit() throws Exception {
        assertEndsWithLimit(LoopConnection::send);
    }

    @Test
    void whatIsLentWithoutEndIsClosedWithLimit() throws Exception {
        assertEndsWithLimit(LoopConnection::sendLent);
    }

    private void assertEndsWithLimit(BiConsumer<LoopConnection, ByteBuffer> sending) throws Exception {
        limits = limits.withQueuedBytes(64 * 1024, 1024 * 1024);
        Pair pair = pair();
        pair.client().pause();
        pair.server().onLoop(() -> {
            for (int i = 0; i < 64; i++) {
                sending.accept(pair.server().connection(), ByteBuffer.wrap(zeros(1024 * 1024)));
            }
            return true;
        });
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.LIMIT);
    }

    /** Those that wait where they are keep their place between those that were copied, however they are cut. */
    @Test
    void whatIsLentArrivesInItsOrder() throws Exception {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        limits = limits.withQueuedBytes(64 * 1024, 64 * 1024 * 1024);
        Pair pair = pair();
        pair.client().pause();
        var sent = new ByteArrayOutputStream();
        for (int i = 0; i < 60; i++) {
            var bytes = new byte[random.nextInt(random.nextBoolean() ? 100 : 700_000)];
            random.nextBytes(bytes);
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            sent.write(bytes, from, to - from);
            boolean lent = random.nextInt(3) > 0;
            pair.server().onLoop(() -> {
                ByteBuffer part = ByteBuffer.wrap(bytes, from, to - from);
                LoopConnection connection = pair.server().connection();
                boolean hasRoom = lent ? connection.sendLent(part) : connection.send(part);
                assertThat(hasRoom).isEqualTo(connection.queuedBytes() < limits.queuedBytesHigh());
                assertThat(part.hasRemaining()).isFalse();
                if (!lent) {
                    Arrays.fill(bytes, (byte) 0); // which are free for other use
                }
                return true;
            });
            if (i == 40) {
                pair.client().resume();
            }
        }
        assertThat(pair.client().receive(sent.size())).as("seed %d", seed).isEqualTo(sent.toByteArray());
    }

    /** One message may be longer than the queue: it is judged before its first part, and then whole. */
    @Test
    void whatIsLentTogetherIsJudgedOnce() throws Exception {
        limits = limits.withQueuedBytes(64 * 1024, 256 * 1024);
        Pair pair = pair();
        pair.client().pause();
        var parts = new ByteBuffer[3_000];
        Arrays.setAll(parts, i -> ByteBuffer.wrap(zeros(i % 2 == 0 ? 10 : 10_000)));
        pair.server().onLoop(() -> pair.server().connection().sendLent(parts));
        pair.client().resume();
        int length = 1_500 * 10_010;
        assertThat(pair.client().receive(length)).hasSize(length);
    }

    /** However much one connection has to send, the other has its turn in between. */
    @Test
    void whatIsLentLeavesOthersTheirTurn() throws Exception {
        limits = limits.withQueuedBytes(64 * 1024, 64 * 1024 * 1024);
        EventLoop serverLoop = newLoop();
        Pair large = pair(serverLoop);
        Pair small = pair(serverLoop);
        large.server().onLoop(() -> large.server().connection().sendLent(ByteBuffer.wrap(zeros(32 * 1024 * 1024))));
        small.server().onLoop(() -> small.server().connection().send(text("now")));
        long left = small.server().onLoop(() -> large.server().connection().queuedBytes());
        assertThat(left).isPositive();
        assertThat(small.client().receive(3)).asString().isEqualTo("now");
        assertThat(large.client().receive(32 * 1024 * 1024)).hasSize(32 * 1024 * 1024);
    }

    // Lingering.

    @Test
    void aLingeringCloseLetsTheLastBytesArrive() throws Exception {
        LoopListener listener = newLoop().listen(wire.free(), (connection, bytes) -> {
            connection.send(text("no"));
            connection.closeLingering(CloseReason.PROTOCOL);
        });
        for (int i = 0; i < 20; i++) {
            var client = new LoopPeer();
            newLoop().connect(listener.address(), client);
            client.awaitOpened().send(zeros(800 * 1024));
            assertThat(client.receiveToEnd()).asString().isEqualTo("no");
            client.close();
            census.awaitClosed(client.info());
        }
        Await.until("all are closed", () -> census.open() == 0);
        assertThat(census.closedByReason()).containsEntry(CloseReason.PROTOCOL, 20L);
    }

    @Test
    void lingeringEndsAfterItsTime() throws Exception {
        Pair pair = pair();
        pair.server().onLoop(() -> {
            pair.server().connection().closeLingering(CloseReason.PROTOCOL);
            return true;
        });
        pair.client().receiveToEnd();
        ticker.advance(limits.lingerTimeout().minusMillis(1));
        pair.client().send(zeros(10));
        assertThat(pair.server().info().closeReason()).isNull();
        ticker.advance(Duration.ofMillis(2));
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PROTOCOL);
    }

    @Test
    void lingeringEndsAfterItsBytes() throws Exception {
        Pair pair = pair();
        pair.server().onLoop(() -> {
            pair.server().connection().closeLingering(CloseReason.PROTOCOL);
            return true;
        });
        pair.client().send(zeros(limits.lingerBytesMax() + 1));
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PROTOCOL);
    }

    // Timers.

    @Test
    void timersFireInTheOrderOfTheirTimesAndNeverEarly() throws Exception {
        EventLoop loop = newLoop();
        var fired = new CopyOnWriteArrayList<String>();
        var set = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            loop.schedule(Duration.ofSeconds(3), () -> fired.add("three"));
            loop.schedule(Duration.ofSeconds(1), () -> fired.add("one"));
            loop.schedule(Duration.ofSeconds(2), () -> fired.add("two"));
            loop.schedule(Duration.ofSeconds(2), () -> fired.add("two again"));
            set.complete(true);
        });
        get(set);
        ticker.advance(Duration.ofMillis(999));
        settle(loop);
        assertThat(fired).isEmpty();
        ticker.advance(Duration.ofMillis(1));
        Await.until("the first fires", () -> fired.size() == 1);
        ticker.advance(Duration.ofSeconds(5));
        Await.until("all fire", () -> fired.size() == 4);
        assertThat(fired).containsExactly("one", "two", "two again", "three");
    }

    /** Two turns of the loop: whatever was due has fired. */
    private static void settle(EventLoop loop) throws Exception {
        for (int i = 0; i < 3; i++) {
            var turned = new CompletableFuture<Boolean>();
            loop.execute(() -> turned.complete(true));
            get(turned);
        }
    }

    @Test
    void aCancelledTimerDoesNotFire() throws Exception {
        EventLoop loop = newLoop();
        var fired = new AtomicInteger();
        var set = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            for (int i = 0; i < 1_000; i++) {
                var timer = loop.schedule(SECOND, fired::incrementAndGet);
                if (i % 10 != 0) {
                    timer.cancel();
                    timer.cancel();
                }
            }
            set.complete(true);
        });
        get(set);
        ticker.advance(SECOND);
        Await.until("those that stay fire", () -> fired.get() == 100);
        settle(loop);
        assertThat(fired).hasValue(100);
    }

    @Test
    void aTimerMaySetTheNext() throws Exception {
        EventLoop loop = newLoop();
        var fired = new AtomicInteger();
        var set = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            loop.schedule(SECOND, () -> {
                loop.schedule(SECOND, fired::incrementAndGet);
                fired.incrementAndGet();
            });
            set.complete(true);
        });
        get(set);
        ticker.advance(SECOND);
        Await.until("the first fires", () -> fired.get() == 1);
        ticker.advance(SECOND);
        Await.until("the second fires", () -> fired.get() == 2);
    }

    // Hand-over.

    @Test
    void tasksRunOnceEachInTheOrderOfTheirThread() throws Exception {
        EventLoop loop = newLoop();
        var ran = new ArrayList<Integer>();
        int threads = 4;
        int each = 5_000;
        var all = new CountDownLatch(threads * each);
        for (int t = 0; t < threads; t++) {
            int base = t * each;
            Thread.ofVirtual().start(() -> {
                for (int i = 0; i < each; i++) {
                    int number = base + i;
                    loop.execute(() -> {
                        ran.add(number);
                        all.countDown();
                    });
                }
            });
        }
        assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        var last = new int[] {-1, each - 1, 2 * each - 1, 3 * each - 1};
        for (int number : ran) {
            int thread = number / each;
            assertThat(number).isEqualTo(++last[thread]);
        }
    }

    @Test
    void aTaskThatThrowsHarmsNothing() throws Exception {
        EventLoop loop = newLoop();
        loop.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        settle(loop);
        assertThat(census.takeFailures()).singleElement().asString().contains("on purpose");
    }

    @Test
    void theWrongThreadIsToldSo() throws Exception {
        Pair pair = pair();
        LoopConnection connection = pair.client().connection();
        assertThatThrownBy(() -> connection.send(zeros(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("loop.execute");
        assertThatThrownBy(connection::close).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> connection.loop().schedule(SECOND, () -> {})).hasMessageContaining("parley-loop");
        assertThatThrownBy(() -> connection.loop().defer(() -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aClosedLoopRefusesTasksAndClosesAgain() {
        EventLoop loop = newLoop();
        loop.close();
        loop.close();
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aLoopMayCloseItself() throws Exception {
        EventLoop loop = newLoop();
        Pair pair = pair(loop);
        loop.execute(loop::close);
        loop.join();
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.DRAIN);
    }

    // What a review once found.

    @Test
    void whatIsClosedWhileItStartsToListenIsNotLeftListening() throws Exception {
        for (int i = 0; i < 50; i++) {
            EventLoop loop = newLoop();
            LoopListener listener = loop.listen(wire.free(), (connection, bytes) -> connection.send(bytes));
            Thread closer = Thread.ofPlatform().start(listener::close);
            loop.close();
            closer.join();
        }
    }

    @Test
    void theByteOrderThatOneReceiverSetsIsItsOwn() throws Exception {
        var orders = new CopyOnWriteArrayList<ByteOrder>();
        LoopListener listener = newLoop().listen(wire.free(), (connection, bytes) -> {
            orders.add(bytes.order());
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            connection.send(bytes);
        });
        for (int i = 0; i < 2; i++) {
            var client = new LoopPeer();
            newLoop().connect(listener.address(), client);
            client.awaitOpened().send(zeros(1));
            client.receive(1);
        }
        assertThat(orders).containsExactly(ByteOrder.BIG_ENDIAN, ByteOrder.BIG_ENDIAN);
    }

    @Test
    void anInterruptThatACallbackRestoresIsTakenBack() throws Exception {
        EventLoop loop = newLoop();
        loop.execute(() -> Thread.currentThread().interrupt());
        settle(loop);
        var interrupted = new CompletableFuture<Boolean>();
        loop.execute(() -> interrupted.complete(Thread.currentThread().isInterrupted()));
        assertThat(get(interrupted)).isFalse();
    }

    @Test
    void aTimerThatSetsItselfAgainLeavesOthersTheirTurn() throws Exception {
        EventLoop loop = newLoop();
        var runs = new AtomicInteger();
        loop.execute(() -> again(loop, runs));
        settle(loop);
        Await.until("it goes on", () -> runs.get() > 10);
        settle(loop);
    }

    private static void again(EventLoop loop, AtomicInteger runs) {
        runs.incrementAndGet();
        loop.schedule(Duration.ZERO, () -> again(loop, runs));
    }

    @Test
    void aCloseAfterABrokenSendKeepsTheReasonThatBrokeIt() throws Exception {
        Pair pair = pair();
        pair.server().pause(); // so that only a send can find out
        pair.client().reset();
        census.awaitClosed(pair.client().info());
        LoopConnection connection = pair.server().connection();
        Await.until("a send fails", () -> pair.server().onLoop(() -> {
            boolean taken = connection.send(zeros(1));
            if (!taken) {
                connection.close();
            }
            return !taken;
        }));
        assertThat(census.awaitClosed(connection)).isEqualTo(CloseReason.RESET);
        assertThat(connection.closeCause()).isNotNull();
    }

    @Test
    void lingeringEndsAtOnceWhenThePeerHasEnded() throws Exception {
        Pair pair = pair();
        pair.client().pause();
        pair.server().onLoop(() -> {
            pair.server().connection().send(zeros(8 * 1024 * 1024));
            pair.server().connection().closeLingering(CloseReason.PROTOCOL);
            return true;
        });
        pair.client().shutdownOutput();
        pair.client().resume();
        assertThat(pair.client().receiveToEnd()).hasSize(8 * 1024 * 1024);
        // Time stands still: nothing but the peer's end can have closed it.
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PROTOCOL);
    }
}
