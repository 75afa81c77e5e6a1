package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionClosedException;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.LoopListener;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests a reset that a write gets: the system reports it once, and a read after it sees a regular end. */
@Timeout(120)
class HiddenResetTest {
    private static final int ROUNDS = 60;
    private static final int SENT_BYTES = 1_000;

    private final MemNetwork network = new MemNetwork();

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();

    private EventLoop newLoop(Wire wire) {
        return bed.newLoop(wire.settings(network));
    }

    /** Repeats it many times, since the write gets the reset only if it comes first. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void aReaderBesideAWriterNeverTakesAResetForTheEnd(Wire wire) throws Exception {
        assumeTrue(wire.isTcp(), "only TCP has resets that the peer's process need not have a reason for");
        Listener listener = bed.keep(Listener.open(newLoop(wire), wire.free()));
        for (int round = 0; round < ROUNDS; round++) {
            RawPeer peer = RawPeer.connect(listener.address());
            peer.send(new byte[SENT_BYTES]);
            Connection accepted = listener.accept();
            Thread writer = Thread.startVirtualThread(() -> writeUntilItBreaks(accepted));
            assertThat(accepted.in().readNBytes(SENT_BYTES)).hasSize(SENT_BYTES);
            peer.reset();
            assertThatThrownBy(() -> accepted.in().readAllBytes())
                    .as("round %d", round)
                    .isInstanceOfSatisfying(ConnectionClosedException.class, closed -> assertThat(closed.reason())
                            .isEqualTo(CloseReason.RESET));
            writer.join();
            accepted.close();
        }
    }

    private static void writeUntilItBreaks(Connection connection) {
        var bytes = new byte[100];
        try {
            while (connection.info().closeReason() == null) {
                connection.out().write(bytes);
            }
        } catch (IOException over) {
            assertThat(over).isInstanceOf(ConnectionClosedException.class);
        }
    }

    /** The reader has not taken the bytes, so the loop has stopped reading; they are read nevertheless. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void whatWaitsIsReadBeforeAResetThatAWriteGot(Wire wire) throws Exception {
        assumeTrue(wire.isTcp(), "only TCP has such resets");
        int bytes = 150_000;
        Listener listener = bed.keep(Listener.open(newLoop(wire), wire.free()));
        RawPeer peer = RawPeer.connect(listener.address());
        Connection accepted = bed.keep(listener.accept());
        peer.send(new byte[bytes]);
        Await.until("the loop holds what it may", () -> available(accepted) >= 64 * 1024);
        peer.reset();
        assertThatThrownBy(() -> {
                    while (true) {
                        accepted.out().write(new byte[100]);
                    }
                })
                .isInstanceOf(ConnectionClosedException.class);
        assertThat(accepted.in().readNBytes(bytes)).hasSize(bytes);
        assertThatThrownBy(() -> accepted.in().read()).isInstanceOf(ConnectionClosedException.class);
    }

    private static int available(Connection connection) {
        try {
            return connection.in().available();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The loop itself writes, while it does not read: the first of these writes gets the reset. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void aReceiverGetsNoEndFromAReset(Wire wire) throws Exception {
        assumeTrue(wire.isTcp(), "only TCP has such resets");
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        LoopListener listener = newLoop(wire).listen(wire.free(), new NewPeerEach(accepted));
        for (int round = 0; round < ROUNDS; round++) {
            RawPeer peer = RawPeer.connect(listener.address());
            LoopPeer server = accepted.poll(20, TimeUnit.SECONDS);
            assertThat(server).isNotNull();
            server.pause();
            peer.send(new byte[SENT_BYTES]);
            peer.reset();
            int writes = 1 + round % 3;
            server.onLoop(() -> {
                server.connection().resumeReading();
                for (int i = 0; i < writes; i++) {
                    server.connection().send(new byte[100]);
                }
                return true;
            });
            assertThat(census.awaitClosed(server.info())).isEqualTo(CloseReason.RESET);
            Await.until("it is told", () -> server.info().closeReason() != null);
            assertThat(server.receive(SENT_BYTES)).hasSize(SENT_BYTES);
            assertThat(server.ends).as("ends told in round %d", round).hasValue(0);
        }
    }

    /** The peer had sent everything before it broke off the connection, so the end is regular. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void anEndBeforeTheBreakIsToldThoughAWriteFailed(Wire wire) throws Exception {
        assumeTrue(!wire.isMem(), "sockets alone have a raw peer");
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        LoopListener listener = newLoop(wire).listen(wire.free(), new NewPeerEach(accepted));
        RawPeer peer = RawPeer.connect(listener.address());
        LoopPeer server = accepted.poll(20, TimeUnit.SECONDS);
        assertThat(server).isNotNull();
        server.pause();
        peer.send(new byte[SENT_BYTES]);
        peer.shutdownOutput();
        peer.close();
        server.onLoop(() -> {
            server.connection().resumeReading();
            return true;
        });
        while (server.info().closeReason() == null) {
            server.onLoop(() -> server.connection().send(new byte[100]));
        }
        assertThat(server.receiveToEnd()).hasSize(SENT_BYTES);
        assertThat(census.awaitClosed(server.info())).isEqualTo(CloseReason.RESET);
    }
}
