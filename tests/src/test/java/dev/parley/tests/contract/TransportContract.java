package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.ConnectionState;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.NetworkError;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.SocketOptions;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every transport does, through either face: the promises that all above it rests on. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("everyWireAndFace")
@Timeout(300)
class TransportContract {
    private static final int MIB = 1024 * 1024;

    private final Wire wire;
    private final Face face;
    private final MemNetwork network = new MemNetwork();
    private final Census census = new Census();
    private final ManualTicker ticker = new ManualTicker();
    private final List<EventLoop> loops = new ArrayList<>();
    private Limits limits = Limits.DEFAULT;
    private SocketOptions options = SocketOptions.DEFAULT;
    private boolean manualTime;
    private Face.@Nullable Accepting listening;
    private @Nullable EventLoop serverLoop;

    TransportContract(Wire wire, Face face) {
        this.wire = wire;
        this.face = face;
    }

    static Stream<Arguments> everyWireAndFace() {
        return Wire.wanted().flatMap(wire -> Arrays.stream(Face.values()).map(face -> Arguments.of(wire, face)));
    }

    // The bed that each test lies in.

    private EventLoop newLoop() {
        EventLoop.Builder settings =
                wire.settings(network).observer(census).limits(limits).socketOptions(options);
        if (manualTime) {
            settings.ticker(ticker);
        }
        EventLoop loop = census.watch(settings.start());
        loops.add(loop);
        return loop;
    }

    private Face.Accepting listen() throws IOException {
        serverLoop = newLoop();
        var opened = face.listen(serverLoop, wire.free());
        listening = opened;
        return opened;
    }

    private Face.Accepting listening() throws IOException {
        return listening == null ? listen() : listening;
    }

    /** The two ends of one connection. */
    private record Pair(TestPeer client, TestPeer server) {}

    private Pair pair() throws Exception {
        return pair(newLoop());
    }

    private Pair pair(EventLoop clientLoop) throws Exception {
        Face.Accepting accepting = listening();
        TestPeer client = face.connect(clientLoop, accepting.address());
        return new Pair(client, accepting.accept());
    }

    private Pair pairInManualTime() throws Exception {
        manualTime = true;
        return pair();
    }

    @AfterEach
    void nothingIsLeft() {
        if (listening != null) {
            listening.close();
        }
        loops.forEach(EventLoop::close);
        census.assertNothingLeft();
    }

    private static byte[] random(int count, long seed) {
        var bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // Bytes.

    @Test
    void echoesOneMessage() throws Exception {
        Pair pair = pair();
        pair.client().send(text("Hello, world"));
        pair.server().send(pair.server().receive(12));
        assertThat(pair.client().receive(12)).isEqualTo(text("Hello, world"));
    }

    @Test
    void theServerMaySpeakFirst() throws Exception {
        Pair pair = pair();
        pair.server().send(text("welcome"));
        assertThat(pair.client().receive(7)).isEqualTo(text("welcome"));
    }

    @Test
    void whatIsSentBeforeTheServerAcceptsArrives() throws Exception {
        Face.Accepting accepting = listening();
        TestPeer client = face.connect(newLoop(), accepting.address());
        client.send(text("early"));
        client.shutdownOutput();
        assertThat(accepting.accept().receiveToEnd()).isEqualTo(text("early"));
    }

    @Test
    void singleBytesGoBackAndForth() throws Exception {
        Pair pair = pair();
        for (int i = 0; i < 256; i++) {
            byte[] one = {(byte) i};
            pair.client().send(one);
            assertThat(pair.server().receive(1)).isEqualTo(one);
            pair.server().send(one);
            assertThat(pair.client().receive(1)).isEqualTo(one);
        }
    }

    @Test
    void manySmallSendsArriveInOrder() throws Exception {
        Pair pair = pair();
        for (int i = 0; i < 1_000; i++) {
            pair.client().send(new byte[] {(byte) i});
        }
        byte[] arrived = pair.server().receive(1_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(arrived[i]).isEqualTo((byte) i);
        }
    }

    @Test
    void anEmptySendSendsNothing() throws Exception {
        Pair pair = pair();
        pair.client().send(new byte[0]);
        pair.client().send(text("x"));
        assertThat(pair.server().receive(1)).isEqualTo(text("x"));
    }

    @Test
    void aBigTransferArrivesUnchanged() throws Exception {
        Pair pair = pair();
        byte[] sent = random(16 * MIB, 1);
        Future<?> sending = pair.client().sendInBackground(sent);
        assertThat(pair.server().receive(sent.length)).isEqualTo(sent);
        sending.get(60, TimeUnit.SECONDS);
    }

    @Test
    void bigTransfersInBothDirectionsAtOnce() throws Exception {
        Pair pair = pair();
        byte[] there = random(4 * MIB, 2);
        byte[] back = random(4 * MIB, 3);
        Future<?> sendingThere = pair.client().sendInBackground(there);
        // The accepted end is not read while its queue is high: it sends in pieces, as a program would.
        Future<?> sendingBack = pair.server().sendInBackground(Arrays.copyOf(back, 32 * 1024));
        assertThat(pair.server().receive(there.length)).isEqualTo(there);
        sendingBack.get(60, TimeUnit.SECONDS);
        sendingBack = pair.server().sendInBackground(Arrays.copyOfRange(back, 32 * 1024, back.length));
        assertThat(pair.client().receive(back.length)).isEqualTo(back);
        sendingThere.get(60, TimeUnit.SECONDS);
        sendingBack.get(60, TimeUnit.SECONDS);
    }

    @Test
    void manyConnectionsEachGetTheirOwnBytes() throws Exception {
        EventLoop clientLoop = newLoop();
        var pairs = new ArrayList<Pair>();
        for (int i = 0; i < 300; i++) {
            pairs.add(pair(clientLoop));
        }
        for (int i = 0; i < pairs.size(); i++) {
            pairs.get(i).client().send(text(String.format("number %05d", i)));
        }
        for (int i = 0; i < pairs.size(); i++) {
            assertThat(pairs.get(i).server().receive(12)).isEqualTo(text(String.format("number %05d", i)));
        }
    }

    @Test
    void theEndsNameEachOther() throws Exception {
        Pair pair = pair();
        assertThat(pair.client().info().accepted()).isFalse();
        assertThat(pair.server().info().accepted()).isTrue();
        assertThat(pair.client().info().peerAddress())
                .isEqualTo(pair.server().info().localAddress())
                .isEqualTo(listening().address());
        assertThat(pair.client().info().id()).isNotEqualTo(pair.server().info().id());
        if (wire.isTcp()) {
            assertThat(pair.server().info().peerAddress())
                    .isEqualTo(pair.client().info().localAddress());
        }
    }

    // Half-close.

    @Test
    void theClientMayEndItsDirectionAndStillReceive() throws Exception {
        Pair pair = pair();
        pair.client().send(text("question"));
        pair.client().shutdownOutput();
        assertThat(pair.server().receiveToEnd()).isEqualTo(text("question"));
        pair.server().send(text("answer"));
        assertThat(pair.client().receive(6)).isEqualTo(text("answer"));
        assertThat(pair.client().info().state()).isEqualTo(ConnectionState.HALF_CLOSED);
    }

    @Test
    void theServerMayEndItsDirectionAndStillReceive() throws Exception {
        Pair pair = pair();
        pair.server().send(text("all I have"));
        pair.server().shutdownOutput();
        assertThat(pair.client().receiveToEnd()).isEqualTo(text("all I have"));
        pair.client().send(text("thanks"));
        assertThat(pair.server().receive(6)).isEqualTo(text("thanks"));
    }

    @Test
    void theEndComesAfterAllBytes() throws Exception {
        Pair pair = pair();
        byte[] sent = random(2 * MIB, 4);
        Future<?> sending = pair.client().sendInBackground(sent);
        if (face == Face.STREAMS) {
            Thread.ofVirtual().start(() -> {
                try {
                    sending.get();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                pair.client().shutdownOutput();
            });
        } else {
            pair.client().shutdownOutput();
        }
        assertThat(pair.server().receiveToEnd()).isEqualTo(sent);
    }

    @Test
    void bothEndsEndedIsClosed() throws Exception {
        Pair pair = pair();
        pair.client().shutdownOutput();
        pair.server().receiveToEnd();
        pair.server().shutdownOutput();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PEER);
    }

    @Test
    void statesOnlyMoveForward() throws Exception {
        Pair pair = pair();
        assertThat(pair.client().info().state()).isEqualTo(ConnectionState.OPEN);
        assertThat(pair.client().info().closeReason()).isNull();
        pair.server().shutdownOutput();
        pair.client().receiveToEnd();
        assertThat(pair.client().info().state()).isEqualTo(ConnectionState.HALF_CLOSED);
        pair.client().close();
        census.awaitClosed(pair.client().info());
        assertThat(pair.client().info().state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(pair.client().info().closeReason()).isEqualTo(CloseReason.PEER);
    }

    @Test
    void endingTwiceIsHarmless() throws Exception {
        Pair pair = pair();
        pair.client().shutdownOutput();
        pair.client().shutdownOutput();
        assertThat(pair.server().receiveToEnd()).isEmpty();
        pair.server().send(text("still here"));
        assertThat(pair.client().receive(10)).isEqualTo(text("still here"));
    }

    @Test
    void nothingIsSentAfterTheEnd() throws Exception {
        Pair pair = pair();
        pair.client().shutdownOutput();
        assertThatThrownBy(() -> pair.client().send(text("late"))).hasMessageContaining("shutdownOutput");
        assertThat(pair.server().receiveToEnd()).isEmpty();
    }

    // Closing.

    @Test
    void closingGivesThePeerAnEnd() throws Exception {
        Pair pair = pair();
        pair.client().close();
        assertThat(pair.server().receiveToEnd()).isEmpty();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
        pair.server().close();
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PEER);
    }

    @Test
    void closingDeliversWhatWasSent() throws Exception {
        Pair pair = pair();
        byte[] sent = random(face == Face.LOOP ? 4 * MIB : 32 * 1024, 5);
        pair.client().send(sent);
        pair.client().close();
        assertThat(pair.server().receiveToEnd()).isEqualTo(sent);
    }

    @Test
    void closingTwiceIsHarmless() throws Exception {
        Pair pair = pair();
        pair.client().close();
        pair.client().close();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
    }

    @Test
    void nothingIsSentAfterClosing() throws Exception {
        Pair pair = pair();
        pair.client().close();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
        assertThatThrownBy(() -> pair.client().send(text("late"))).isInstanceOf(IOException.class);
    }

    @Test
    void sendingToAPeerThatIsGoneEndsWithReset() throws Exception {
        Pair pair = pair();
        pair.client().close();
        census.awaitClosed(pair.client().info());
        assertThatThrownBy(() -> {
                    while (true) {
                        pair.server().send(text("anybody?"));
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.RESET);
    }

    @Test
    void aResetReachesThePeer() throws Exception {
        Pair pair = pair();
        pair.client().send(text("x"));
        pair.server().receive(1);
        pair.client().reset();
        if (wire.hasResets()) {
            assertThatThrownBy(() -> pair.server().receive(1)).isInstanceOf(IOException.class);
            assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.RESET);
        } else {
            assertThat(pair.server().receiveToEnd()).isEmpty();
        }
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
    }

    @Test
    void aResetEndsASendThatWaits() throws Exception {
        Pair pair = pair();
        pair.client().pause();
        Future<?> sending = pair.server().sendInBackground(random(32 * MIB, 6));
        pair.client().reset();
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.RESET);
        if (face == Face.STREAMS) {
            assertThatThrownBy(() -> sending.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void closingTheLoopClosesItsConnections() throws Exception {
        Pair pair = pair();
        loops.getFirst().close();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.DRAIN);
        assertThat(pair.server().receiveToEnd()).isEmpty();
    }

    @Test
    void aReaderThatWaitsHearsOfTheClose() throws Exception {
        Pair pair = pair();
        Thread closer = Thread.ofVirtual().unstarted(() -> pair.client().close());
        closer.start();
        assertThatThrownBy(() -> pair.client().receive(1)).isInstanceOf(IOException.class);
        closer.join();
    }

    // Backpressure.

    @Test
    void aSlowReaderHoldsBackItsSender() throws Exception {
        Pair pair = pair();
        pair.server().pause();
        byte[] sent = random(24 * MIB, 7);
        Future<?> sending = pair.client().sendInBackground(sent);
        if (face == Face.STREAMS) {
            assertThat(Await.within(Duration.ofMillis(200), sending::isDone)).isFalse();
        } else {
            assertThat(sending.get(60, TimeUnit.SECONDS)).isEqualTo(false);
        }
        pair.server().resume();
        assertThat(pair.server().receive(sent.length)).isEqualTo(sent);
        sending.get(60, TimeUnit.SECONDS);
    }

    @Test
    void pausingHoldsBytesAndResumingDeliversThem() throws Exception {
        Pair pair = pair();
        pair.server().pause();
        pair.client().send(text("later"));
        pair.server().resume();
        assertThat(pair.server().receive(5)).isEqualTo(text("later"));
    }

    @Test
    void oneThatDoesNotReadLeavesTheOthersAlone() throws Exception {
        EventLoop clientLoop = newLoop();
        Pair silent = pair(clientLoop);
        Pair lively = pair(clientLoop);
        silent.client().pause();
        Future<?> stuck = silent.server().sendInBackground(random(16 * MIB, 8));
        for (int i = 0; i < 100; i++) {
            lively.client().send(text("ping"));
            lively.server().send(lively.server().receive(4));
            assertThat(lively.client().receive(4)).isEqualTo(text("ping"));
        }
        silent.client().reset();
        census.awaitClosed(silent.server().info());
        if (face == Face.STREAMS) {
            assertThatThrownBy(() -> stuck.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        }
    }

    // Timeouts.

    @Test
    void silenceEndsWithIdle() throws Exception {
        limits = limits.withIdleTimeout(Duration.ofSeconds(30));
        Pair pair = pairInManualTime();
        ticker.advance(Duration.ofSeconds(31));
        assertThat(census.awaitClosed(pair.server().info())).isIn(CloseReason.IDLE, CloseReason.PEER);
        assertThat(census.awaitClosed(pair.client().info())).isIn(CloseReason.IDLE, CloseReason.PEER);
        assertThat(census.closedByReason()).containsKey(CloseReason.IDLE);
    }

    @Test
    void bytesPostponeIdle() throws Exception {
        limits = limits.withIdleTimeout(Duration.ofSeconds(30));
        Pair pair = pairInManualTime();
        for (int i = 0; i < 10; i++) {
            ticker.advance(Duration.ofSeconds(12)); // a turn under way may still count by the time before
            pair.client().send(text("x"));
            assertThat(pair.server().receive(1)).isEqualTo(text("x"));
            pair.server().send(text("y"));
            assertThat(pair.client().receive(1)).isEqualTo(text("y"));
        }
        assertThat(census.closedByReason()).isEmpty();
    }

    @Test
    void anIdleTimeoutOfZeroNeverEnds() throws Exception {
        limits = limits.withIdleTimeout(Duration.ZERO);
        Pair pair = pairInManualTime();
        ticker.advance(Duration.ofDays(1000));
        pair.client().send(text("x"));
        assertThat(pair.server().receive(1)).isEqualTo(text("x"));
    }

    @Test
    void aPeerThatTakesNothingEndsWithWriteTimeout() throws Exception {
        limits = limits.withWriteTimeout(Duration.ofSeconds(10)).withIdleTimeout(Duration.ZERO);
        Pair pair = pairInManualTime();
        pair.client().pause();
        Future<?> sending = pair.server().sendInBackground(random(32 * MIB, 9));
        Await.until("the watch over the peer has begun", () -> {
            ticker.advance(Duration.ofSeconds(1));
            return pair.server().info().closeReason() != null;
        });
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.WRITE_TIMEOUT);
        if (face == Face.STREAMS) {
            assertThatThrownBy(() -> sending.get(60, TimeUnit.SECONDS)).hasMessageContaining("write-timeout");
        }
    }

    /** A process that was stopped finds input and expired timers together: the input counts. */
    @Test
    void inputThatIsThereIsReadBeforeSilenceIsJudged() throws Exception {
        limits = limits.withIdleTimeout(Duration.ofSeconds(30));
        Pair pair = pairInManualTime();
        EventLoop held = Objects.requireNonNull(serverLoop);
        for (int i = 0; i < 20; i++) {
            var letGo = new CountDownLatch(1);
            var holding = new CountDownLatch(1);
            held.execute(() -> {
                holding.countDown();
                try {
                    letGo.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            holding.await();
            pair.client().send(text("x"));
            ticker.advance(Duration.ofSeconds(29));
            letGo.countDown();
            assertThat(pair.server().receive(1)).isEqualTo(text("x"));
            pair.server().send(text("y"));
            assertThat(pair.client().receive(1)).isEqualTo(text("y"));
        }
        assertThat(census.closedByReason()).isEmpty();
    }

    // Listening and connecting.

    @Test
    void anAddressIsBoundOnce() throws Exception {
        Address address = listen().address();
        assertThatThrownBy(() -> face.listen(newLoop(), address))
                .isInstanceOfSatisfying(BindFailedException.class, e -> {
                    assertThat(e.networkError()).isEqualTo(NetworkError.ADDRESS_IN_USE);
                    assertThat(e.address()).isEqualTo(address);
                    assertThat(e).hasMessageContaining(address.toString()).hasMessageContaining("in use");
                });
    }

    @Test
    void aRestartedServerBindsTheSameAddress() throws Exception {
        Pair pair = pair();
        Address address = listening().address();
        pair.client().send(text("x"));
        pair.server().receive(1);
        // Our side closes first, which leaves a TCP connection in TIME_WAIT on the server's port.
        pair.server().close();
        listening().close();
        listening = face.listen(newLoop(), address);
        Pair again = pair();
        again.client().send(text("again"));
        assertThat(again.server().receive(5)).isEqualTo(text("again"));
    }

    @Test
    void nobodyThereIsAnErrorThatSaysSo() {
        Address address = wire.unused();
        assertThatThrownBy(() -> face.connect(newLoop(), address))
                .isInstanceOfSatisfying(ConnectFailedException.class, e -> {
                    assertThat(e.networkError()).isIn(NetworkError.REFUSED, NetworkError.NO_SUCH_PATH);
                    assertThat(e.attempts()).hasSize(1);
                    assertThat(e).hasMessageContaining(address.toString());
                });
    }

    @Test
    void aClosedListenerRefusesNewcomersAndKeepsItsConnections() throws Exception {
        Pair pair = pair();
        Address address = listening().address();
        listening().close();
        assertThatThrownBy(() -> face.connect(newLoop(), address)).isInstanceOf(ConnectFailedException.class);
        pair.client().send(text("still"));
        assertThat(pair.server().receive(5)).isEqualTo(text("still"));
    }

    @Test
    void portZeroIsTold() throws Exception {
        Address address = listen().address();
        switch (address) {
            case Address.Tcp tcp -> assertThat(tcp.port()).isPositive();
            case Address.Mem mem -> assertThat(mem.name()).isNotEmpty();
            case Address.Unix unix -> assertThat(unix.path()).exists();
        }
    }

    @Test
    void oneConnectionTooManyIsClosedAndTheOthersStay() throws Exception {
        limits = limits.withConnectionsMax(2);
        EventLoop clientLoop = newLoop();
        Pair first = pair(clientLoop);
        Pair second = pair(clientLoop);
        TestPeer third = face.connect(clientLoop, listening().address());
        assertThat(receiveToEndOrReset(third)).isEmpty();
        Await.until("the refusal is counted", () -> !census.closedByReason().isEmpty());
        assertThat(census.closedByReason()).containsKey(CloseReason.LIMIT);
        first.client().send(text("x"));
        assertThat(first.server().receive(1)).isEqualTo(text("x"));
        second.server().close();
        census.awaitClosed(second.server().info());
        Pair next = pair(clientLoop);
        next.client().send(text("y"));
        assertThat(next.server().receive(1)).isEqualTo(text("y"));
    }

    private static byte[] receiveToEndOrReset(TestPeer peer) {
        try {
            return peer.receiveToEnd();
        } catch (IOException reset) {
            return new byte[0];
        }
    }

    @Test
    void listeningOnAClosedLoopIsRefused() {
        EventLoop loop = newLoop();
        loop.close();
        assertThatThrownBy(() -> face.listen(loop, wire.free())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anAddressOfAnotherTransportIsRefused() {
        Address foreign = wire == Wire.MEM ? Address.parse(Address.DEFAULT) : Address.parse("mem:x");
        assertThatThrownBy(() -> face.connect(newLoop(), foreign)).hasMessageContaining("loop moves bytes over");
        assertThatThrownBy(() -> face.listen(newLoop(), foreign)).hasMessageContaining("loop moves bytes over");
    }
}
