package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Census;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that a send after a close answers false and sends nothing, with each kind of close, and whatever is queued. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.parley.tests.contract.Wire#wanted")
@Timeout(60)
class SendAfterCloseTest {
    /** The size of a content that is more than any system takes for a peer that does not read. */
    private static final int MUCH_BYTES = 16 * 1024 * 1024;

    private static final List<Consumer<LoopConnection>> CLOSES = List.of(
            LoopConnection::close,
            connection -> connection.close(CloseReason.PROTOCOL),
            connection -> connection.close(CloseReason.LOCAL),
            LoopConnection::reset);

    private final Wire wire;
    private final MemNetwork network = new MemNetwork();
    private final Census census = new Census();
    private final List<EventLoop> loops = new ArrayList<>();
    private final LinkedBlockingQueue<LoopPeer> accepted = new LinkedBlockingQueue<>();
    private final LoopListener listener;

    SendAfterCloseTest(Wire wire) throws IOException {
        this.wire = wire;
        listener = newLoop().listen(wire.free(), new NewPeerEach(accepted));
    }

    private EventLoop newLoop() {
        EventLoop loop = census.watch(wire.settings(network).observer(census).start());
        loops.add(loop);
        return loop;
    }

    @AfterEach
    void nothingIsLeft() {
        loops.forEach(EventLoop::close);
        census.assertNothingLeft();
    }

    private LoopPeer server() throws Exception {
        LoopPeer server = accepted.poll(20, TimeUnit.SECONDS);
        assertThat(server).isNotNull();
        return server;
    }

    private LoopPeer client() throws IOException {
        var client = new LoopPeer();
        loops.getFirst().connect(listener.address(), client);
        return client.awaitOpened();
    }

    private static boolean sendsAfter(LoopPeer peer, int queuedBytes, Consumer<LoopConnection> close) {
        return peer.onLoop(() -> {
            LoopConnection connection = peer.connection();
            if (queuedBytes > 0) {
                connection.send(new byte[queuedBytes]);
                assertThat(connection.queuedBytes()).isPositive();
            }
            close.accept(connection);
            return connection.send(new byte[] {1}) || connection.send(new byte[0]);
        });
    }

    @Test
    void withNothingQueued() throws Exception {
        for (Consumer<LoopConnection> close : CLOSES) {
            LoopPeer client = client();
            LoopPeer server = server();
            assertThat(sendsAfter(client, 0, close)).isFalse();
            server.close();
            census.awaitClosed(client.info());
        }
    }

    @Test
    void withMuchQueued() throws Exception {
        for (Consumer<LoopConnection> close : CLOSES) {
            LoopPeer client = client();
            LoopPeer server = server();
            server.pause();
            assertThat(sendsAfter(client, MUCH_BYTES, close)).isFalse();
            server.reset();
        }
    }

    /** All bytes that were sent before the close arrive, and none that were sent after it. */
    @Test
    void whatIsQueuedArrivesAlone() throws Exception {
        LoopPeer client = client();
        LoopPeer server = server();
        assertThat(sendsAfter(client, MUCH_BYTES, LoopConnection::close)).isFalse();
        assertThat(server.receiveToEnd()).hasSize(MUCH_BYTES);
        server.close();
    }

    @Test
    void whileItConnects() throws Exception {
        for (Consumer<LoopConnection> close : CLOSES) {
            for (int early = 0; early < 2; early++) {
                var answered = new CompletableFuture<Boolean>();
                int earlyBytes = early;
                EventLoop loop = loops.getFirst();
                loop.execute(() -> {
                    LoopConnection connection = loop.connect(listener.address(), new LoopPeer());
                    connection.send(new byte[earlyBytes]);
                    close.accept(connection);
                    answered.complete(connection.send(new byte[] {1}));
                });
                assertThat(answered.get(20, TimeUnit.SECONDS)).isFalse();
            }
        }
    }

    /** If the peer has ended first, a close is the end at once. */
    @Test
    void inTheCallbackThatTellsThePeersEnd() throws Exception {
        var answered = new LinkedBlockingQueue<Boolean>();
        Receiver closing = new Receiver() {
            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public void ended(LoopConnection connection) {
                connection.close();
                answered.add(connection.send(new byte[] {1}));
            }

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                answered.add(connection.send(new byte[] {1}));
            }
        };
        LoopListener closes = newLoop().listen(wire.free(), closing);
        var client = new LoopPeer();
        newLoop().connect(closes.address(), client);
        client.awaitOpened().shutdownOutput();
        assertThat(answered.poll(20, TimeUnit.SECONDS)).isFalse();
        assertThat(answered.poll(20, TimeUnit.SECONDS)).isFalse();
        assertThat(client.receiveToEnd()).isEmpty();
    }

    /**
     * To end our direction and then to send is a mistake of the program, as long as nothing has closed the connection.
     */
    @Test
    void afterShutdownOutputItIsRefused() throws Exception {
        for (int queuedBytes : new int[] {0, MUCH_BYTES}) {
            LoopPeer client = client();
            LoopPeer server = server();
            server.pause();
            assertThatThrownBy(() -> sendsAfter(client, queuedBytes, LoopConnection::shutdownOutput))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("send after shutdownOutput");
            client.reset();
            assertThat(client.onLoop(() -> client.connection().send(new byte[] {1})))
                    .isFalse();
            server.reset();
        }
    }
}
