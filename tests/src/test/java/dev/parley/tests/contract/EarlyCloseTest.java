package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.framing.FrameReceiver;
import dev.parley.net.framing.Framer;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that a connection that is closed at an odd moment ends once, with the reason of the close, and gets nothing
 * after it.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.parley.tests.contract.Wire#wanted")
@Timeout(60)
class EarlyCloseTest {
    private static final List<Consumer<LoopConnection>> CLOSES = List.of(
            LoopConnection::close,
            LoopConnection::reset,
            connection -> connection.closeWithoutLingering(CloseReason.LOCAL),
            connection -> {
                connection.send(new byte[10]);
                connection.close();
            });

    private final Wire wire;
    private final MemNetwork network = new MemNetwork();
    private final Census census = new Census();
    private final ManualTicker ticker = new ManualTicker();
    private final EventLoop loop;

    EarlyCloseTest(Wire wire) {
        this.wire = wire;
        loop = census.watch(wire.settings(network)
                .observer(census)
                .ticker(ticker)
                .limits(Limits.DEFAULT.withIdleTimeout(Duration.ofMinutes(1)))
                .start());
    }

    @AfterEach
    void nothingIsLeft() {
        loop.close();
        census.assertNothingLeft();
    }

    /** Counts the events of one connection. */
    private static class Counting implements Receiver {
        final AtomicInteger closed = new AtomicInteger();
        final AtomicInteger bytes = new AtomicInteger();
        final CompletableFuture<CloseReason> reason = new CompletableFuture<>();

        @Override
        public void bytes(LoopConnection connection, ByteBuffer received) {
            bytes.addAndGet(received.remaining());
        }

        @Override
        public void closed(LoopConnection connection, CloseReason why) {
            closed.incrementAndGet();
            reason.complete(why);
        }
    }

    private static CloseReason reasonOf(Counting receiver) throws Exception {
        return receiver.reason.get(20, TimeUnit.SECONDS);
    }

    @Test
    void byTheFunctionThatMakesReceivers() throws Exception {
        for (Consumer<LoopConnection> close : CLOSES) {
            var receiver = new Counting();
            LoopListener listener = loop.listen(wire.free(), connection -> {
                close.accept(connection);
                return receiver;
            });
            var client = new Counting();
            loop.connect(listener.address(), client);
            assertThat(reasonOf(receiver)).isEqualTo(CloseReason.LOCAL);
            reasonOf(client);
            Await.until("it is not counted any more", () -> listener.openConnections() == 0);
            assertThat(receiver.closed).hasValue(1);
            listener.close();
        }
    }

    /** Connects a client to a server with this receiver, whose idle timeout ends then. */
    private Counting silentClientOf(Counting server) throws Exception {
        var opened = new CompletableFuture<Void>();
        LoopListener listener = loop.listen(wire.free(), connection -> {
            opened.complete(null);
            return server;
        });
        var client = new Counting() {
            @Override
            public boolean idle(LoopConnection connection) {
                return true; // it waits for the server
            }
        };
        loop.connect(listener.address(), client);
        opened.get(20, TimeUnit.SECONDS);
        for (int i = 0; i < 10 && !server.reason.isDone(); i++) {
            ticker.advance(Duration.ofSeconds(61));
            var turn = new CompletableFuture<Void>();
            loop.execute(() -> turn.complete(null));
            turn.get(20, TimeUnit.SECONDS);
        }
        return client;
    }

    @Test
    void byTheCallThatSaysThatTheConnectionIsIdle() throws Exception {
        var asked = new AtomicInteger();
        var server = new Counting() {
            @Override
            public boolean idle(LoopConnection connection) {
                asked.incrementAndGet();
                connection.send("bye".getBytes(StandardCharsets.US_ASCII));
                connection.close(CloseReason.DRAIN);
                return true;
            }
        };
        Counting client = silentClientOf(server);
        assertThat(reasonOf(server)).isEqualTo(CloseReason.DRAIN);
        reasonOf(client);
        assertThat(client.bytes).hasValue(3);
        assertThat(asked).hasValue(1);
    }

    @Test
    void abruptlyByTheCallThatSaysThatTheConnectionIsIdle() throws Exception {
        var asked = new AtomicInteger();
        var server = new Counting() {
            @Override
            public boolean idle(LoopConnection connection) {
                asked.incrementAndGet();
                connection.reset();
                return true;
            }
        };
        reasonOf(silentClientOf(server));
        assertThat(reasonOf(server)).isEqualTo(CloseReason.LOCAL);
        ticker.advance(Duration.ofMinutes(10));
        var turn = new CompletableFuture<Void>();
        loop.execute(() -> turn.complete(null));
        turn.get(20, TimeUnit.SECONDS);
        assertThat(asked).hasValue(1);
        assertThat(server.closed).hasValue(1);
    }

    /**
     * The client is found to be gone with the first frame, so that the connection is broken when the second one closes
     * it.
     */
    @Test
    void byAFrameWhenASendHasFailed() throws Exception {
        List<String> frames = new CopyOnWriteArrayList<>();
        var ended = new CompletableFuture<CloseReason>();
        LoopListener listener = loop.listen(wire.free(), accepted -> new FrameReceiver(Framer.lines(100)) {
            @Override
            protected void frame(LoopConnection connection, ByteBuffer frame) {
                String text = StandardCharsets.US_ASCII.decode(frame).toString();
                frames.add(text);
                if (text.equals("quit")) {
                    connection.close();
                } else {
                    connection.send(new byte[1_000]);
                }
            }

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                ended.complete(reason);
            }
        });
        var client = new Counting();
        loop.connect(listener.address(), new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                connection.send("a\nquit\nb\nc\n".getBytes(StandardCharsets.US_ASCII));
                connection.closeWithoutLingering(CloseReason.LOCAL);
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                client.closed(connection, reason);
            }
        });
        reasonOf(client);
        ended.get(20, TimeUnit.SECONDS);
        assertThat(frames).containsExactly("a", "quit");
    }

    @Test
    void ofAConnectionThatIsNotOpenYetTheFirstReasonCounts() throws Exception {
        LoopListener listener = loop.listen(wire.free(), (connection, bytes) -> bytes.position(bytes.limit()));
        var reasons = new ArrayList<Counting>();
        var begun = new CompletableFuture<Void>();
        loop.execute(() -> {
            for (Consumer<LoopConnection> second : CLOSES) {
                var client = new Counting();
                LoopConnection connection = loop.connect(listener.address(), client);
                connection.send(new byte[10]);
                connection.close(CloseReason.PROTOCOL);
                second.accept(connection);
                reasons.add(client);
            }
            begun.complete(null);
        });
        begun.get(20, TimeUnit.SECONDS);
        for (Counting each : reasons) {
            assertThat(reasonOf(each)).isEqualTo(CloseReason.PROTOCOL);
        }
    }

    @Test
    void writableIsCalledForAConnectionThatIsNotOpenYet() throws Exception {
        LoopListener listener = loop.listen(wire.free(), (connection, bytes) -> bytes.position(bytes.limit()));
        var writable = new CompletableFuture<Void>();
        loop.execute(() -> {
            LoopConnection connection = loop.connect(listener.address(), new Receiver() {
                @Override
                public void bytes(LoopConnection open, ByteBuffer bytes) {}

                @Override
                public void writable(LoopConnection open) {
                    writable.complete(null);
                }
            });
            connection.send(new byte[1]);
            connection.notifyWhenWritable();
        });
        writable.get(20, TimeUnit.SECONDS);
    }
}
