package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Listener;
import dev.parley.net.LoopConnection;
import dev.parley.net.MemoryCap;
import dev.parley.net.Receiver;
import dev.parley.net.SendFile;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that resources are released and callbacks are made after unusual ends. */
@Timeout(300)
class UnusualEndsTest {
    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final MemNetwork network = new MemNetwork();
    private final MemoryCap cap = MemoryCap.of(64 * 1024 * 1024);

    private EventLoop newLoop(Wire wire) {
        return newLoop(wire, Limits.DEFAULT);
    }

    private EventLoop newLoop(Wire wire, Limits limits) {
        return bed.newLoop(wire.settings(network).memory(cap).limits(limits));
    }

    /** Sends bytes that the peer does not read. */
    private Connection peerOf(Wire wire, Listener listener) throws IOException {
        Connection peer = bed.keep(Connection.connect(newLoop(wire), listener.address()));
        peer.out().write(new byte[20_000]);
        return peer;
    }

    /** The loop asks once which bytes a closed connection holds, and then never again by itself. */
    @ParameterizedTest
    @EnumSource
    void aConnectionThatWasClosedUnreadHoldsNothing(Wire wire) throws Exception {
        Listener listener = bed.keep(Listener.open(newLoop(wire), wire.free()));
        peerOf(wire, listener);
        Connection accepted = listener.accept();
        Await.until("it holds what came", () -> cap.heldBytes() >= 20_000);
        assertThat(accepted.in().read(new byte[10])).isPositive();
        accepted.close();
        Await.until("it holds nothing", () -> cap.heldBytes() == 0);
    }

    /** A Unix socket has no reset: its connections end when they have been read. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_NONE,
            names = {"UNIX", "URING_UNIX"})
    void aConnectionThatIsReadAfterItsEndHoldsNothing(Wire wire) throws Exception {
        Listener listener = bed.keep(Listener.open(newLoop(wire), wire.free()));
        Connection peer = peerOf(wire, listener);
        Connection accepted = bed.keep(listener.accept());
        Await.until("it holds what came", () -> cap.heldBytes() >= 20_000);
        peer.reset();
        Await.until("that is known", () -> accepted.info().closeReason() != null);
        try {
            accepted.in().readAllBytes();
        } catch (IOException reset) {
            assertThat(accepted.info().closeReason()).isEqualTo(CloseReason.RESET);
        }
        Await.until("it holds nothing", () -> cap.heldBytes() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void anAcceptFailsIfTheLoopEnds(Wire wire) throws Exception {
        EventLoop loop = newLoop(wire);
        Listener listener = bed.keep(Listener.open(loop, wire.free()));
        var accepting = new CompletableFuture<Throwable>();
        Thread.startVirtualThread(() -> {
            try {
                listener.accept();
            } catch (IOException | InterruptedException over) {
                accepting.complete(over);
            }
        });
        loop.close();
        assertThat(accepting.get(60, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    }

    /** Throws in callbacks that are not about its peer. */
    private static class Throwing implements Receiver {
        final CompletableFuture<LoopConnection> opened = new CompletableFuture<>();
        final CompletableFuture<CloseReason> closed = new CompletableFuture<>();

        @Override
        public void opened(LoopConnection connection) {
            opened.complete(connection);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {}

        @Override
        public boolean isBusy() {
            throw new IllegalStateException("the receiver's own");
        }

        @Override
        public void writable(LoopConnection connection) {
            throw new IllegalStateException("the receiver's own");
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            closed.complete(reason);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReceiverThatThrowsWhenItsTimeIsOverIsClosed(Wire wire) throws Exception {
        EventLoop loop = newLoop(wire);
        var throwing = new Throwing();
        var listener = loop.listen(wire.free(), throwing);
        EventLoop patient = newLoop(wire, Limits.DEFAULT.withIdleTimeout(Duration.ZERO));
        patient.connect(listener.address(), new LoopPeer());
        throwing.opened.get(60, TimeUnit.SECONDS);
        while (!throwing.closed.isDone()) {
            ticker.advance(Limits.DEFAULT.idleTimeout());
            Await.within(Duration.ofMillis(10), throwing.closed::isDone);
        }
        assertThat(throwing.closed.join()).isEqualTo(CloseReason.FAILED);
        assertThat(census.takeFailures()).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aReceiverThatThrowsWhenAFileHasLeftIsClosed(Wire wire, @TempDir Path directory) throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[200_000]);
        EventLoop loop = newLoop(wire);
        var throwing = new Throwing();
        var listener = loop.listen(wire.free(), throwing);
        newLoop(wire).connect(listener.address(), new LoopPeer());
        LoopConnection connection = throwing.opened.get(60, TimeUnit.SECONDS);
        try (SendFile file = SendFile.open(path)) {
            loop.execute(() -> connection.send(file.region(0, 200_000)));
            assertThat(throwing.closed.get(60, TimeUnit.SECONDS)).isEqualTo(CloseReason.FAILED);
        }
        assertThat(census.takeFailures()).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aRegionThatMayNotBeSentIsReleased(Wire wire, @TempDir Path directory) throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "the system does not show a process's files");
        Path path = Files.write(directory.resolve("file"), new byte[200_000]);
        EventLoop loop = newLoop(wire);
        var acceptor = new LoopPeer();
        var listener = loop.listen(wire.free(), acceptor);
        newLoop(wire).connect(listener.address(), new LoopPeer());
        LoopConnection connection = acceptor.awaitOpened().connection();
        var refused = new CompletableFuture<Throwable>();
        SendFile file = SendFile.open(path);
        loop.execute(() -> {
            connection.send(file.region(0, 0));
            connection.shutdownOutput();
            try {
                connection.send(file.region(0, 10));
            } catch (IllegalStateException e) {
                refused.complete(e);
            }
        });
        assertThat(refused.get(60, TimeUnit.SECONDS)).hasMessageContaining("shutdownOutput");
        file.close();
        assertThat(opens(path)).isFalse();
        assertThatThrownBy(() -> file.region(0, 10)).isInstanceOf(IllegalStateException.class);
    }

    /** Returns whether this process has the file open. */
    private static boolean opens(Path path) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.anyMatch(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).equals(path);
                } catch (IOException closedMeanwhile) {
                    return false;
                }
            });
        }
    }
}
