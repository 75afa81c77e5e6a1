package dev.parley.tests.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopListener;
import dev.parley.testkit.Await;
import dev.parley.testkit.FaultProxy;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.proxy.ProxyStage.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests what the proxy does to bytes and connections. {@code -Dparley.proxy.seed=N} makes other random choices. */
@Timeout(300)
class FaultProxyTest {
    private static final long SEED = Long.getLong("parley.proxy.seed", 25);
    private static final Duration LATENCY = Duration.ofMillis(200);
    private static final Duration JITTER = Duration.ofMillis(50);

    @TempDir
    private Path directory;

    private @Nullable ProxyStage stage;

    private ProxyStage on(Wire wire) throws IOException {
        stage = new ProxyStage(wire, SEED, directory);
        return stage;
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (stage != null) {
            stage.close();
        }
    }

    private static byte[] random(int count) {
        var bytes = new byte[count];
        new Random(SEED).nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @EnumSource
    void bytesPassUnchangedAndSoDoesTheEnd(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        byte[] sent = random(1_000_000);
        RawPeer peer = on.connect();
        Thread.ofVirtual().start(() -> sendAll(peer, sent));
        assertThat(peer.receive(sent.length)).as("seed %d", SEED).isEqualTo(sent);
        assertThat(peer.receiveToEnd()).isEmpty();
        assertThat(on.receivedBytes()).as("seed %d", SEED).isEqualTo(sent);
    }

    private static void sendAll(RawPeer peer, byte[] bytes) {
        try {
            peer.send(bytes).shutdownOutput();
        } catch (IOException brokenOnPurpose) {
            return;
        }
    }

    @ParameterizedTest
    @EnumSource
    void latencyDelaysEachDirection(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.proxy().towardsServer().latency(LATENCY, JITTER);
        RawPeer peer = on.connect().send("late");
        long least = LATENCY.minus(JITTER).toMillis();
        assertThat(on.millisUntil("the server has it", () -> on.received() == 4))
                .as("%s", on.proxy())
                .isGreaterThanOrEqualTo(least);
        peer.receive(4);
        on.proxy().towardsServer().clear();
        on.proxy().towardsClient().latency(LATENCY);
        peer.send("again").shutdownOutput();
        Await.until("the server has that at once", () -> on.received() == 9);
        assertThat(on.millisUntil("its answer has left", () -> on.proxy().openConnections() == 0))
                .as("%s", on.proxy())
                .isGreaterThanOrEqualTo(LATENCY.toMillis());
        assertThat(peer.receiveToEnd()).isEqualTo(text("again"));
    }

    @ParameterizedTest
    @EnumSource
    void bandwidthLimitsWhatPassesInASecond(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.proxy().towardsServer().bandwidth(10_000);
        on.connect().send(new byte[5_000]);
        assertThat(on.millisUntil("all of it is there", () -> on.received() == 5_000))
                .isGreaterThanOrEqualTo(450);
        assertThat(on.receivedPieces).hasValueGreaterThanOrEqualTo(20);
    }

    @ParameterizedTest
    @EnumSource
    void slicesArriveOneByOne(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.proxy().towardsServer().slices(1, 10, Duration.ofSeconds(1));
        byte[] sent = random(200);
        on.connect().send(sent);
        for (int before = 0; before < sent.length; ) {
            int reached = before;
            Await.until("the next piece is there", () -> on.received() > reached);
            before = on.received();
            assertThat(before - reached).as("%s", on.proxy()).isLessThanOrEqualTo(10);
            on.ticker.advance(Duration.ofSeconds(1));
        }
        assertThat(on.receivedBytes()).as("%s", on.proxy()).isEqualTo(sent);
        assertThat(on.receivedPieces).hasValueGreaterThanOrEqualTo(20);
    }

    @ParameterizedTest
    @EnumSource
    void slicesWithoutATimeLoseNothing(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.proxy().towardsServer().slices(1, 7);
        on.proxy().towardsClient().slices(1, 100);
        byte[] sent = random(20_000);
        RawPeer peer = on.connect();
        Thread.ofVirtual().start(() -> sendAll(peer, sent));
        assertThat(peer.receiveToEnd()).as("%s", on.proxy()).isEqualTo(sent);
    }

    @ParameterizedTest
    @EnumSource
    void aBlackHoleTakesBytesAndKeepsTheEndForLater(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        RawPeer peer = on.connect();
        peer.send("a").receive(1);
        on.proxy().towardsServer().blackhole(true);
        peer.send("lost");
        Await.until("the proxy has it", () -> on.proxied.get() == 6);
        on.settle();
        on.proxy().towardsServer().blackhole(false);
        peer.send("b");
        Await.until("what came later is there", () -> on.received() == 2);
        assertThat(on.receivedBytes()).isEqualTo(text("ab"));
        on.proxy().towardsServer().blackhole(true);
        peer.shutdownOutput();
        on.settle();
        assertThat(on.ended).hasValue(0);
        on.proxy().towardsServer().clear();
        Await.until("the end is told", () -> on.ended.get() == 1);
        assertThat(peer.receive(1)).isEqualTo(text("b"));
    }

    @ParameterizedTest
    @EnumSource
    void connectionsAreResetOnBothSides(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        RawPeer peer = on.connect();
        peer.send("a").receive(1);
        on.proxy().resetConnections();
        assertBroken(wire, peer);
        Await.until("the server has noticed", () -> on.closed.size() == 1);
        assertThat(on.closed).containsExactly(wire == Wire.TCP ? CloseReason.RESET : CloseReason.PEER);
        on.connect().send("b").receive(1);
    }

    private static void assertBroken(Wire wire, RawPeer peer) throws IOException {
        if (wire.clientsSeeResets()) {
            assertThatThrownBy(peer::receiveToEnd)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        } else {
            assertThat(peer.receiveToEnd()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetOfAPeerIsPassedOn(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        RawPeer peer = on.connect();
        peer.send("a").receive(1);
        peer.reset();
        Await.until("the server has noticed", () -> on.closed.size() == 1);
        Await.until("the proxy has seen it off", () -> on.proxy().openConnections() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void someBytesAreChanged(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.proxy().towardsServer().corruptEvery(10).corruptAt(13);
        byte[] sent = random(100);
        RawPeer peer = on.connect();
        peer.sendByteByByte(sent);
        byte[] back = peer.receive(100);
        assertThat(changed(sent, back)).as("%s", on.proxy()).containsExactly(9, 13, 19, 29, 39, 49, 59, 69, 79, 89, 99);
        on.proxy().towardsServer().clear();
        peer.send("pure");
        assertThat(peer.receive(4)).isEqualTo(text("pure"));
    }

    private static List<Integer> changed(byte[] sent, byte[] received) {
        var at = new ArrayList<Integer>();
        for (int i = 0; i < sent.length; i++) {
            if (sent[i] != received[i]) {
                at.add(i);
            }
        }
        return at;
    }

    @ParameterizedTest
    @EnumSource
    void theSameSeedChangesTheSameBytesInTheSameWay(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        var seen = new ArrayList<byte[]>();
        for (long seed : new long[] {SEED, SEED, SEED + 1}) {
            try (var proxy = FaultProxy.to(on.listener().address())
                            .listen(Address.parse("tcp://127.0.0.1:0"))
                            .seed(seed)
                            .observer(on.census)
                            .start();
                    RawPeer peer = RawPeer.connect(proxy.address())) {
                proxy.towardsClient().corruptEvery(1);
                seen.add(peer.send(new byte[100]).receive(100));
            }
        }
        assertThat(seen.get(1)).as("seed %d", SEED).isEqualTo(seen.get(0));
        assertThat(seen.get(2)).as("seed %d", SEED).isNotEqualTo(seen.get(0));
    }

    @ParameterizedTest
    @EnumSource
    void oneDirectionIsEndedAndTheOtherGoesOn(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        RawPeer peer = on.connect();
        peer.send("a").receive(1);
        on.proxy().towardsClient().end();
        assertThat(peer.receiveToEnd()).isEmpty();
        peer.send("still heard");
        Await.until("the server hears it", () -> on.received() == 12);
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsResetAfterSoManyBytes(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.proxy().towardsClient().resetAfter(7);
        RawPeer peer = on.connect();
        peer.send("0123");
        assertThat(peer.receive(4)).isEqualTo(text("0123"));
        peer.send("456789");
        assertThat(peer.receive(3)).isEqualTo(text("456"));
        assertBroken(wire, peer);
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsClosedAfterSoManyBytes(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.proxy().towardsClient().closeAfter(7);
        RawPeer peer = on.connect();
        peer.send("0123456789");
        assertThat(peer.receiveToEnd()).isEqualTo(text("0123456"));
        peer.close();
        Await.until("the server has noticed", () -> on.closed.size() == 1);
        Await.until("the proxy has seen it off", () -> on.proxy().openConnections() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void aDirectionIsEndedAfterSoManyBytes(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.proxy().towardsServer().endAfter(7);
        RawPeer peer = on.connect();
        peer.send("0123456789");
        assertThat(peer.receiveToEnd()).isEqualTo(text("0123456"));
        Await.until("the server has told it", () -> on.closed.size() == 1);
        assertThat(on.closed).containsExactly(CloseReason.PEER);
    }

    @ParameterizedTest
    @EnumSource
    void aServerGoesDownAndComesBackAtTheSameAddress(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        RawPeer peer = on.connect();
        peer.send("a").receive(1);
        on.proxy().down();
        assertBroken(wire, peer);
        assertThatThrownBy(on::connect).isInstanceOf(IOException.class);
        on.proxy().up();
        on.connect().send("b").receive(1);
        on.proxy().refuse();
        assertThatThrownBy(on::connect).isInstanceOf(IOException.class);
        on.proxy().up();
        LoopListener other = on.another((connection, bytes) -> connection.send(text("other")));
        on.proxy().server(other.address());
        assertThat(on.connect().send("c").receive(5)).isEqualTo(text("other"));
    }

    @ParameterizedTest
    @EnumSource
    void whoCannotBeConnectedOnIsReset(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        on.listener().close();
        RawPeer peer = on.connect();
        assertBroken(wire, peer);
        Await.until("the proxy has seen it off", () -> on.proxy().openConnections() == 0);
    }

    /** The proxy holds little, so a receiver that does not read holds the sender. */
    @ParameterizedTest
    @EnumSource
    void aSlowReceiverHoldsTheSender(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        var flood = new byte[64 * 1024 * 1024];
        LoopListener sender = on.another((connection, bytes) -> connection.send(flood));
        on.proxy().server(sender.address());
        RawPeer peer = on.connect().send("a");
        assertThat(Await.within(Duration.ofMillis(500), () -> on.proxied.get() > 32 * 1024 * 1024))
                .as("half of it has come to the proxy, though the server does not read: %s", on.proxied)
                .isFalse();
        assertThat(Arrays.equals(peer.receive(flood.length), flood)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aLatencyHoldsTheSenderToo(Wire wire) throws IOException {
        ProxyStage on = on(wire);
        var heard = new AtomicLong();
        LoopListener silent = on.another((connection, bytes) -> heard.addAndGet(bytes.remaining()));
        on.proxy().server(silent.address());
        on.proxy().towardsServer().latency(LATENCY);
        RawPeer peer = on.connect();
        byte[] sent = random(4 * 1024 * 1024);
        Thread.ofVirtual().start(() -> sendAll(peer, sent));
        assertThat(Await.within(Duration.ofMillis(200), () -> on.proxied.get() > 1024 * 1024))
                .isFalse();
        assertThat(on.millisUntil("half of it is there", () -> heard.get() > sent.length / 2))
                .isGreaterThanOrEqualTo(5 * LATENCY.toMillis());
        on.proxy().towardsServer().clear();
        on.ticker.advance(LATENCY);
        assertThat(peer.receiveToEnd()).isEmpty();
        assertThat(heard).hasValue(sent.length);
    }
}
