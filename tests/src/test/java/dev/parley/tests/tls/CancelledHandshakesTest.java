package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.tls.Tls;
import dev.parley.net.tls.TlsException;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Peers that give up the handshake in order (user_canceled and close_notify, RFC 8446, section 6.1). The JDK's engine
 * then says that no handshake is under way, as it does after one that has succeeded. No one may be let in by that.
 */
@Timeout(120)
class CancelledHandshakesTest {
    /** The two alerts, as warnings, before there are keys. */
    private static final byte[] CANCELLED = HexFormat.of().parseHex("150303000201" + "5a" + "150303000201" + "00");

    private static final String GIVEN_UP = "has cancelled the handshake";

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final AtomicInteger opened = new AtomicInteger();

    /** Listens for clients that must show a certificate. */
    private Address mutual() throws Exception {
        Tls tls = Tls.builder()
                .certificate(TestCertificates.certificate(), TestCertificates.key())
                .clientAuthorities(TestCertificates.certificate())
                .allowTls12()
                .build();
        return bed.newLoop(EventLoop.builder().tls(tls))
                .listen("tls://127.0.0.1:0", new Receiver() {
                    @Override
                    public void opened(LoopConnection connection) {
                        opened.incrementAndGet();
                    }

                    @Override
                    public void bytes(LoopConnection connection, ByteBuffer bytes) {
                        opened.incrementAndGet();
                    }
                })
                .address();
    }

    private void assertNoneWasLetIn(String words) throws Exception {
        Await.until("it is reported", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings())
                .singleElement()
                .asString()
                .startsWith("no TLS connection with")
                .contains(words);
        assertThat(opened).hasValue(0);
        assertThat(bed.census().closedByReason()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatCancelsInsteadOfAHelloIsNotLetIn(boolean ends) throws Exception {
        try (var peer = RawPeer.connect(mutual())) {
            peer.send(CANCELLED);
            if (ends) {
                peer.shutdownOutput();
            }
            peer.receiveToEndOrReset();
        }
        assertNoneWasLetIn(GIVEN_UP);
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, 0, breaks a rule of TLS", // its alerts are not encrypted, and must be
        "TLSv1.3, 1, " + GIVEN_UP,
        "TLSv1.2, 0, " + GIVEN_UP,
        "TLSv1.2, 1, " + GIVEN_UP
    })
    void aClientThatCancelsLaterIsNotLetInEither(String protocol, int flights, String words) throws Exception {
        try (var peer = EnginePeer.client(RawPeer.connect(mutual()), TestCertificates.jdkContextWithKey(), protocol)) {
            peer.socket().send(peer.answer());
            for (int i = 0; i < flights; i++) {
                peer.read();
            }
            peer.socket().send(protocol.equals("TLSv1.2") ? CANCELLED : peer.cancel());
            peer.socket().receiveToEndOrReset();
        }
        assertNoneWasLetIn(words);
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
    void aServerThatCancelsIsNotConnectedTo(String protocol, boolean afterItsHello) throws Exception {
        try (var listening = RawPeer.listen()) {
            CompletableFuture<Void> served =
                    CompletableFuture.runAsync(() -> cancel(listening, protocol, afterItsHello));
            int port = ((Address.Inet) RawPeer.addressOf(listening)).port();
            Tls tls = Tls.builder()
                    .authorities(TestCertificates.certificate())
                    .allowTls12()
                    .build();
            EventLoop loop = bed.newLoop(EventLoop.builder().tls(tls));
            var failed = catchThrowableOfType(
                    ConnectFailedException.class, () -> Connection.connect(loop, new Address.Tls("127.0.0.1", port))
                            .close());
            assertThat(failed.getCause())
                    .isInstanceOf(TlsException.class)
                    .hasMessageContaining(
                            protocol.equals("TLSv1.3") && afterItsHello ? "breaks a rule of TLS" : GIVEN_UP);
            served.get(60, TimeUnit.SECONDS);
        }
    }

    private static void cancel(ServerSocketChannel listening, String protocol, boolean afterItsHello) {
        try (var peer = EnginePeer.server(RawPeer.accept(listening), TestCertificates.jdkContextWithKey(), protocol)) {
            peer.read();
            if (afterItsHello) {
                byte[] flight = peer.answer();
                int hello = 5 + ((flight[3] & 0xff) << 8 | flight[4] & 0xff);
                peer.socket().send(Arrays.copyOf(flight, protocol.equals("TLSv1.3") ? hello : flight.length));
            }
            peer.socket().send(CANCELLED).shutdownOutput();
            peer.socket().receiveToEndOrReset();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
