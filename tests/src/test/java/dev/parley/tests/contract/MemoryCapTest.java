package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.MemoryCap;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests what all accepted connections may hold together: which ones wait, which go on, and which are closed. */
@Timeout(300)
class MemoryCapTest {
    /**
     * The cap, which is several times what io_uring receives for one connection before it can be stopped (up to 4 MiB).
     */
    private static final int CAP_BYTES = 16 * 1024 * 1024;

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final MemNetwork network = new MemNetwork();
    private final MemoryCap cap = MemoryCap.of(CAP_BYTES);
    private final Hoarder hoarder = new Hoarder();

    /** Asserts that nothing is held at the end. The bed does this last, when the loops are closed. */
    @BeforeEach
    void nothingIsHeldAtLast() {
        bed.keep(() -> assertThat(cap.heldBytes()).isZero());
    }

    private EventLoop newLoop(Wire wire) {
        return bed.newLoop(wire.settings(network).memory(cap).limits(Limits.DEFAULT.withWriteTimeout(Duration.ZERO)));
    }

    /** Keeps what it gets until it is told to let go. */
    private static final class Hoarder implements Receiver {
        final List<LoopConnection> opened = new CopyOnWriteArrayList<>();
        final Map<LoopConnection, AtomicInteger> held = new ConcurrentHashMap<>();
        final AtomicInteger received = new AtomicInteger();
        final AtomicLong mostHeldBytes = new AtomicLong();
        volatile boolean keepsOfClosed;

        @Override
        public void opened(LoopConnection connection) {
            held.put(connection, new AtomicInteger());
            opened.add(connection);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            received.addAndGet(bytes.remaining());
            of(connection).addAndGet(bytes.remaining());
            long now = opened.stream().mapToLong(this::heldBytes).sum();
            mostHeldBytes.accumulateAndGet(now, Math::max);
        }

        @Override
        public long heldBytes(LoopConnection connection) {
            return connection.closeReason() == null || keepsOfClosed
                    ? of(connection).get()
                    : 0;
        }

        AtomicInteger of(LoopConnection connection) {
            return Objects.requireNonNull(held.get(connection));
        }
    }

    /**
     * Returns what the receiver holds of a third of the cap. TLS holds some bytes itself, which it has not decrypted
     * yet.
     */
    private static int thirdOfCap(Wire wire) {
        return CAP_BYTES / (wire.isTls() ? 4 : 3);
    }

    private LoopPeer connect(EventLoop loop, LoopListener listener) throws IOException {
        int before = hoarder.opened.size();
        var peer = new LoopPeer();
        loop.connect(listener.address(), peer);
        peer.awaitOpened();
        Await.until("it is accepted", () -> hoarder.opened.size() > before);
        return peer;
    }

    @ParameterizedTest
    @EnumSource
    void whoHoldsMoreThanIsFreeWaitsAndTheOthersAreRead(Wire wire) throws Exception {
        EventLoop server = newLoop(wire);
        LoopListener listener = server.listen(wire.free(), hoarder);
        EventLoop clients = newLoop(wire);
        LoopPeer greedy = connect(clients, listener);
        greedy.send(new byte[CAP_BYTES]);
        LoopConnection large = hoarder.opened.getFirst();
        Await.until("it holds a third of the cap", () -> hoarder.of(large).get() > thirdOfCap(wire));
        LoopPeer modest = connect(clients, listener);
        modest.send(new byte[10_000]);
        Await.until(
                "the other one is read", () -> hoarder.of(hoarder.opened.get(1)).get() == 10_000);
        // One read more than is free at most: 64 KiB, and what a loop keeps to itself within a turn.
        assertThat(hoarder.of(large).get()).isLessThan(CAP_BYTES / 3 + 128 * 1024);
        assertThat(cap.heldBytes()).isLessThan(CAP_BYTES);

        int before = hoarder.received.get();
        hoarder.of(large).addAndGet(-CAP_BYTES / 3);
        server.execute(large::heldBytesChanged);
        Await.until("it goes on", () -> hoarder.received.get() > before + 256 * 1024);
        assertThat(large.closeReason()).isNull();
    }

    /** Counts what the receiver holds, to which TLS adds what it has not decrypted. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void whoWaitsInVainWhileItHoldsMostIsClosed(Wire wire) throws Exception {
        EventLoop server = newLoop(wire);
        LoopListener listener = server.listen(wire.free(), hoarder);
        EventLoop clients = newLoop(wire);
        LoopPeer greedy = connect(clients, listener);
        greedy.send(new byte[CAP_BYTES]);
        LoopConnection large = hoarder.opened.getFirst();
        Await.until("it holds a third of the cap", () -> hoarder.of(large).get() > thirdOfCap(wire));
        LoopPeer modest = connect(clients, listener);
        modest.send(new byte[10_000]);
        LoopConnection small = hoarder.opened.get(1);
        Await.until("the other one is read", () -> hoarder.of(small).get() == 10_000);

        ticker.advance(Duration.ofMillis(1_100));
        assertThat(census.awaitClosed(large)).isEqualTo(CloseReason.LIMIT);
        assertThat(large.closeText()).contains("of at most " + CAP_BYTES, "was among those that held most");
        assertThat(small.closeReason()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void aboveTheCapTheLargestAreClosedAtOnce(Wire wire) throws Exception {
        EventLoop server = newLoop(wire);
        LoopListener listener = server.listen(wire.free(), hoarder);
        EventLoop clients = newLoop(wire);
        for (int i = 0; i < 3; i++) {
            LoopConnection asleep = connect(clients, listener).connection();
            clients.execute(asleep::pauseReading);
        }
        LoopConnection large = hoarder.opened.get(0);
        LoopConnection middle = hoarder.opened.get(1);
        LoopConnection small = hoarder.opened.get(2);
        server.execute(() -> {
            small.send(new byte[100_000]);
            large.send(new byte[2 * CAP_BYTES]);
            middle.send(new byte[200_000]);
        });
        assertThat(census.awaitClosed(large)).isEqualTo(CloseReason.LIMIT);
        Await.until("it is given back", () -> cap.heldBytes() <= 300_000 + 2 * 16 * 1024);
        assertThat(small.closeReason()).isNull();
        assertThat(middle.closeReason()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void whoHoldsLittleIsReadWhereNothingIsFree(Wire wire) throws Exception {
        EventLoop server = newLoop(wire);
        LoopListener listener = server.listen(wire.free(), hoarder);
        EventLoop clients = newLoop(wire);
        connect(clients, listener);
        LoopPeer modest = connect(clients, listener);
        LoopConnection large = hoarder.opened.get(0);
        LoopConnection small = hoarder.opened.get(1);
        hoarder.keepsOfClosed = true;
        hoarder.of(large).addAndGet(2 * CAP_BYTES);
        server.execute(large::heldBytesChanged);
        assertThat(census.awaitClosed(large)).isEqualTo(CloseReason.LIMIT);
        assertThat(cap.heldBytes()).isGreaterThan(CAP_BYTES);

        for (int count = 1; count <= 20; count++) {
            modest.send(new byte[100]);
            int bytes = count * 100;
            Await.until("what it sent is read", () -> hoarder.of(small).get() == bytes);
        }
        assertThat(small.closeReason()).isNull();
        hoarder.of(large).set(0);
        server.execute(large::heldBytesChanged);
    }

    /** Counts what the receiver holds, to which TLS adds what it has not decrypted. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void manyInOneTurnTakeNoMoreThanThereIs(Wire wire) throws Exception {
        EventLoop server = newLoop(wire);
        LoopListener listener = server.listen(wire.free(), hoarder);
        EventLoop clients = newLoop(wire);
        var peers = new ArrayList<LoopPeer>();
        for (int i = 0; i < 100; i++) {
            peers.add(connect(clients, listener));
        }
        var mayTurn = new CountDownLatch(1);
        server.execute(() -> awaitUninterruptibly(mayTurn));
        for (LoopPeer peer : peers) {
            peer.send(new byte[CAP_BYTES / 40]);
        }
        mayTurn.countDown();
        Await.until("much was read", () -> hoarder.received.get() > CAP_BYTES * 3 / 4);
        Await.until("some wait, or were closed", () -> hoarder.mostHeldBytes.get() > CAP_BYTES * 3 / 4);
        assertThat(hoarder.mostHeldBytes.get()).isLessThan(CAP_BYTES + CAP_BYTES / 4);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
