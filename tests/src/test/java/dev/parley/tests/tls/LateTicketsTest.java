package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Servers that send their session tickets (RFC 8446, section 4.6.1) only after a quick client has written all and
 * closed. If that client did not read any more, the system would answer the tickets with a reset.
 */
@Timeout(120)
class LateTicketsTest {
    private static final int BYTES = 1000;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lateTicketsDoNotResetAClientThatHasClosed(boolean shutsDownFirst) throws Exception {
        var closed = new CountDownLatch(1);
        try (var listening = RawPeer.listen()) {
            CompletableFuture<Boolean> endedInOrder = CompletableFuture.supplyAsync(() -> serve(listening, closed));
            int port = ((Address.Inet) RawPeer.addressOf(listening)).port();
            EventLoop loop = bed.newLoop(EventLoop.builder()
                    .tls(Tls.builder()
                            .authorities(TestCertificates.certificate())
                            .build()));
            try (var client = Connection.connect(loop, new Address.Tls("127.0.0.1", port))) {
                client.out().write(new byte[BYTES]);
                if (shutsDownFirst) {
                    client.shutdownOutput();
                }
            }
            closed.countDown();
            assertThat(endedInOrder.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Returns true if the client's bytes and its end arrive after the tickets were sent, instead of a reset. */
    private static boolean serve(ServerSocketChannel listening, CountDownLatch closed) {
        try (var peer = EnginePeer.server(RawPeer.accept(listening), TestCertificates.jdkContextWithKey(), "TLSv1.3")) {
            peer.read();
            peer.socket().send(peer.answer()); // now the client may write
            closed.await();
            peer.shakeHands();
            // A reset that the tickets cause is here before the next ones are sent.
            peer.socket().send(peer.encrypted(new byte[1]));
            peer.socket().send(peer.encrypted(new byte[1]));
            peer.readData(BYTES);
            peer.readRecord();
            return peer.engine().isInboundDone() && peer.socket().receiveToEnd().length == 0;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
