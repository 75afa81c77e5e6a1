package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a peer that cannot get all bytes, because no memory is left for them, never takes a part for all. */
@Timeout(60)
class NoMemoryLeftTest {
    private static final int BYTES = 120_000;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thePeerGetsAReset(boolean closesAtOnce) throws Exception {
        var memory = new DirectMemory(PollerBed.bytesOfAPoller() + 8 * 1024);
        var transport = new UringTransport(PollerBed.features(), RingSizes.DEFAULT, memory);
        var closed = new CompletableFuture<LoopConnection>();
        var mayRead = new CompletableFuture<Boolean>();
        var receiver = new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                connection.send(new byte[BYTES]);
                if (closesAtOnce) {
                    connection.closeWithoutLingering(CloseReason.LOCAL);
                }
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                closed.complete(connection);
            }
        };
        try (EventLoop loop = EventLoop.builder()
                        .transport(transport)
                        .socketOptions(SocketOptions.DEFAULT.withBuffers(0, PollerBed.SMALL_BYTES))
                        .start();
                LoopListener listener = loop.listen("tcp://127.0.0.1:0", receiver);
                var peer = new Socket()) {
            peer.setReceiveBufferSize(PollerBed.SMALL_BYTES);
            peer.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), ((Address.Tcp) listener.address()).port()));
            LoopConnection connection = closed.join();
            // One more turn of the loop has notified it of the send that the system did not take whole.
            loop.execute(() -> loop.execute(() -> mayRead.complete(true)));
            mayRead.join();
            assertThatThrownBy(() -> peer.getInputStream().readAllBytes())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
            if (!closesAtOnce) {
                assertThat(connection.closeReason()).isEqualTo(CloseReason.LIMIT);
                assertThat(connection.closeText()).contains("no memory", "dev.parley.uring.memoryBytesMax");
            }
        }
        assertThat(memory.heldBytes()).isZero();
    }
}
