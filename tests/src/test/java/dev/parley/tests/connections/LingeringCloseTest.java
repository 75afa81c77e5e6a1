package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Listener;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests endings over real sockets: bytes that were sent before one must arrive, and its reason must be the true one.
 */
@Timeout(300)
class LingeringCloseTest {
    private static final Address FREE = Address.parse("tcp://127.0.0.1:0");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();

    /** A server that refuses early resets a client that is still sending; the refusal comes before the reset. */
    @Test
    void anEarlyAnswerIsReadThoughTheWriteFails() throws Exception {
        ServerSocketChannel server = bed.keep(RawPeer.listen());
        for (int i = 0; i < 50; i++) {
            var heard = new AtomicReference<>("");
            var closed = new CountDownLatch(1);
            bed.loop().connect(RawPeer.addressOf(server), new Sending(heard, closed));
            try (RawPeer peer = RawPeer.accept(server)) {
                peer.receive(1_000);
                peer.send("refused");
            }
            closed.await();
            assertThat(heard.get()).as("round %d", i).isEqualTo("refused");
        }
    }

    private record Sending(AtomicReference<String> heard, CountDownLatch done) implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            connection.send(new byte[8 * 1024 * 1024]);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            heard.set(heard.get() + StandardCharsets.UTF_8.decode(bytes));
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            done.countDown();
        }
    }

    @Test
    void aHandlerThatThrowsIsAResetAndNotAnEnd() throws Exception {
        try (Listener listener = listen()) {
            serve(listener, connection -> {
                connection.out().write('x');
                throw new IllegalStateException("on purpose");
            });
            try (RawPeer peer = RawPeer.connect(listener.address())) {
                assertThatThrownBy(peer::receiveToEnd).isInstanceOf(IOException.class);
            }
            Await.until("it is closed", () -> census.open() == 0);
        }
        assertThat(census.closedByReason()).containsOnlyKeys(CloseReason.FAILED);
        assertThat(census.takeFailures()).singleElement().asString().contains("on purpose");
    }

    @Test
    void aHandlerThatAnswersWithoutReadingLosesNothing() throws Exception {
        byte[] answer = new byte[2_000_000];
        Listener listener = listen();
        serve(listener, connection -> connection.out().write(answer));
        for (int i = 0; i < 20; i++) {
            try (RawPeer peer = RawPeer.connect(listener.address())) {
                peer.send(new byte[10_000]);
                assertThat(peer.receiveToEnd()).hasSize(answer.length);
            }
        }
    }

    @Test
    void aHandlerMayCloseItsListener() throws Exception {
        Listener listener = listen();
        var interrupted = new AtomicReference<Boolean>();
        serve(listener, connection -> {
            listener.close();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        try (RawPeer peer = RawPeer.connect(listener.address())) {
            assertThat(peer.receiveToEnd()).isEmpty();
        }
        Await.until("the handler has ended", () -> interrupted.get() != null);
        assertThat(interrupted.get()).isFalse();
    }

    /** Starts a listener with a loop of its own, which ends with it. */
    private Listener listen() throws IOException {
        return bed.keep(Listener.open(EventLoop.builder().observer(census), FREE));
    }

    private static void serve(Listener listener, Listener.Handler handler) {
        Thread.ofVirtual().start(() -> {
            try {
                listener.serve(handler);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void endingTheOutputWhileAnotherThreadWritesKeepsTheAnswer() throws Exception {
        for (int i = 0; i < 30; i++) {
            try (ServerSocketChannel server = RawPeer.listen();
                    var connection = Connection.connect(bed.loop(), RawPeer.addressOf(server));
                    RawPeer peer = RawPeer.accept(server)) {
                Thread writer = Thread.ofVirtual().start(() -> writeOn(connection));
                connection.shutdownOutput();
                writer.join();
                peer.send("answer");
                assertThat(connection.in().readNBytes(6)).asString().isEqualTo("answer");
                peer.receiveToEnd();
            }
        }
    }

    private static void writeOn(Connection connection) {
        try {
            while (true) {
                connection.out().write(1);
            }
        } catch (IOException ended) {
            assertThat(ended).hasMessageContaining("shutdownOutput");
        }
    }

    /** The JDK reports at most 1,024 ready channels at a time: the others must not be taken for silent. */
    @Test
    void everyPeerThatHasSentIsHeardBeforeSilenceIsJudged(@TempDir Path directory) throws Exception {
        // A Unix socket has the bytes when the send returns; TCP would bring them some time later.
        Address address = new Address.Unix(directory.resolve("s"));
        ManualTicker ticker = bed.ticker();
        Limits limits = Limits.DEFAULT.withIdleTimeout(Duration.ofSeconds(30));
        List<RawPeer> peers = new ArrayList<>();
        EventLoop loop = bed.newLoop(EventLoop.builder().ticker(ticker).limits(limits));
        LoopListener listener = bed.keep(loop.listen(address, (connection, bytes) -> connection.send(bytes)));
        for (int i = 0; i < 2_500; i++) {
            peers.add(bed.keep(RawPeer.connect(listener.address())));
        }
        Await.until("all are accepted", () -> census.open() == peers.size());
        var held = new CountDownLatch(1);
        var holding = new CountDownLatch(1);
        loop.execute(() -> {
            holding.countDown();
            awaitQuietly(held);
        });
        holding.await();
        try {
            for (RawPeer peer : peers) {
                peer.send((byte) 1);
            }
            ticker.advance(Duration.ofSeconds(31));
        } finally {
            held.countDown();
        }
        for (RawPeer peer : peers) {
            assertThat(peer.receive(1)).hasSize(1);
        }
        assertThat(census.closedByReason()).isEmpty();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
