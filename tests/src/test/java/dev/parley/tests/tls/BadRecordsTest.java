package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.tls.Tls;
import dev.parley.net.tls.TlsException;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that know the keys, or almost, and break off or send what they must not: what they read, and no other does. */
@Timeout(180)
class BadRecordsTest {
    private static final String TLS_13 = "TLSv1.3";
    private static final int HEADER_BYTES = 5;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger received = new AtomicInteger();

    private static Tls.Builder server() {
        return Tls.builder()
                .certificate(TestCertificates.certificate(), TestCertificates.key())
                .allowTls12();
    }

    private static Tls.Builder client() {
        return Tls.builder().authorities(TestCertificates.certificate()).allowTls12();
    }

    private Address listen(String transport, Tls.Builder settings) throws Exception {
        return listen(EventLoop.builder().transport(Usable.transport(transport)).tls(settings.build()));
    }

    private Address listen(EventLoop.Builder settings) throws Exception {
        return bed.newLoop(settings)
                .listen("tls://127.0.0.1:0", new Receiver() {
                    @Override
                    public void opened(LoopConnection connection) {
                        opened.incrementAndGet();
                    }

                    @Override
                    public void bytes(LoopConnection connection, ByteBuffer bytes) {
                        received.addAndGet(bytes.remaining());
                        connection.send(bytes);
                    }
                })
                .address();
    }

    private void assertServes(Address address, Tls.Builder settings) throws Exception {
        EventLoop loop = bed.newLoop(EventLoop.builder().tls(settings.build()));
        try (var connection = Connection.connect(loop, address)) {
            connection.out().write(42);
            assertThat(connection.in().read()).isEqualTo(42);
        }
    }

    /** The server has asked for a certificate, so these bytes are Certificate, CertificateVerify and Finished. */
    @ParameterizedTest
    @CsvSource({"nio, TLSv1.3", "io_uring, TLSv1.3", "nio, TLSv1.2"})
    void anEndAtEachByteOfTheSecondFlightLetsNoOneIn(String transport, String protocol) throws Exception {
        Address address = listen(transport, server().clientAuthorities(TestCertificates.certificate()));
        SSLContext context = TestCertificates.jdkContextWithKey();
        int length = 1;
        for (int end = 0; end < length; end += end < 20 || end >= length - 60 ? 1 : 23) {
            try (var peer = EnginePeer.client(RawPeer.connect(address), context, protocol)) {
                byte[] flight = peer.secondFlight();
                length = flight.length;
                peer.socket()
                        .send(Arrays.copyOf(flight, Math.min(end, length - 1)))
                        .shutdownOutput();
                peer.socket().receiveToEndOrReset();
            }
        }
        assertThat(opened).hasValue(0);
        assertServes(address, client().certificate(TestCertificates.certificate(), TestCertificates.key()));
    }

    private void assertIsClosedByTls() {
        Await.until("it is closed", () -> bed.census().closedByReason().containsKey(CloseReason.TLS));
        assertThat(bed.census().closedByReason()).containsOnlyKeys(CloseReason.TLS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aRecordThatWasChangedOnItsWayIsNotDelivered(String protocol) throws Exception {
        Address address = listen("nio", server());
        try (var peer = EnginePeer.client(RawPeer.connect(address), TestCertificates.jdkContext(), protocol)) {
            byte[] record = peer.shakeHands().encrypted((byte) 1, (byte) 2, (byte) 3);
            record[record.length - 1] ^= 1;
            peer.socket().send(record).receiveToEndOrReset();
        }
        assertIsClosedByTls();
        assertThat(received).hasValue(0);
        assertServes(address, client());
    }

    /** One byte more than the largest record of each version (RFC 8446, section 5.2, and RFC 5246, section 6.2.3). */
    @ParameterizedTest
    @CsvSource({"TLSv1.3, 16641", "TLSv1.2, 18433"})
    void aRecordThatIsTooLongIsRefused(String protocol, int bytes) throws Exception {
        Address address = listen("nio", server());
        try (var peer = EnginePeer.client(RawPeer.connect(address), TestCertificates.jdkContext(), protocol)) {
            var record = new byte[HEADER_BYTES + bytes];
            record[0] = 23;
            record[1] = 3;
            record[2] = 3;
            record[3] = (byte) (bytes >> 8);
            record[4] = (byte) bytes;
            peer.shakeHands().socket().send(record).receiveToEndOrReset();
        }
        assertIsClosedByTls();
        assertServes(address, client());
    }

    @Test
    void aClientThatStopsAfterItsHelloIsClosedAfterTenSeconds() throws Exception {
        Address address = listen(EventLoop.builder().ticker(bed.ticker()).tls(server().build()));
        try (var peer = EnginePeer.client(RawPeer.connect(address), TestCertificates.jdkContext(), TLS_13)) {
            peer.socket().send(peer.answer());
            peer.socket().receive(1);
            bed.ticker().advance(Duration.ofMillis(9_999));
            assertServes(address, client()); // the loop has looked at the time
            assertThat(bed.census().warnings()).isEmpty();
            bed.ticker().advance(Duration.ofMillis(2));
            peer.socket().receiveToEndOrReset();
        }
        assertThat(bed.census().warnings())
                .singleElement()
                .asString()
                .endsWith("the handshake was given up: it was not ended within 10 s");
    }

    /** The JDK takes ten certificates of a server. */
    @Test
    void aChainOfElevenIsRefused() throws Exception {
        Path long11 = directory.resolve("eleven.pem");
        Files.writeString(
                long11, Files.readString(TestCertificates.certificate()).repeat(11));
        Address address = listen("nio", Tls.builder().certificate(long11, TestCertificates.key()));
        var failed = catchThrowableOfType(ConnectFailedException.class, () -> assertServes(address, client()));
        assertThat(failed.getCause()).isInstanceOf(TlsException.class).hasMessageContaining("chain length (11)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"group", "signature"})
    void nothingInCommonIsExplained(String what) throws Exception {
        Address address = listen("nio", server());
        try (var peer =
                EnginePeer.client(RawPeer.connect(address), TestCertificates.jdkContext(), TLS_13, parameters -> {
                    if (what.equals("group")) {
                        parameters.setNamedGroups(new String[] {"ffdhe2048"});
                    } else {
                        parameters.setSignatureSchemes(new String[] {"rsa_pss_rsae_sha256"});
                    }
                })) {
            peer.socket().send(peer.answer()).receiveToEndOrReset();
        }
        Await.until("it is reported", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings())
                .singleElement()
                .asString()
                .contains("have no cipher suite, group or signature in common");
    }

    @Test
    void aServerThatSendsBackTheHelloIsExplained() throws Exception {
        Address plain = bed.newLoop(EventLoop.builder())
                .listen("tcp://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address();
        var address = new Address.Tls("127.0.0.1", ((Address.Inet) plain).port());
        var failed = catchThrowableOfType(ConnectFailedException.class, () -> assertServes(address, client()));
        assertThat(failed)
                .hasMessageContaining(
                        "the server sends back what it gets, so it does not speak TLS; connect to it at" + " tcp://");
    }

    @Test
    void aServerThatAcceptsAndIsSilentIsToldFromOneThatDoesNotAccept() throws Exception {
        try (ServerSocketChannel silent = RawPeer.listen()) {
            int port = ((Address.Inet) RawPeer.addressOf(silent)).port();
            EventLoop loop = bed.newLoop(EventLoop.builder()
                    .limits(Limits.DEFAULT.withConnectTimeout(Duration.ofMillis(200)))
                    .tls(client().build()));
            var failed = catchThrowableOfType(
                    ConnectFailedException.class, () -> Connection.connect(loop, new Address.Tls("127.0.0.1", port)));
            assertThat(failed)
                    .hasMessageContaining("timed out after 200 ms (connected, but no TLS answer)")
                    .hasMessageContaining("does the server speak TLS?");
        }
    }

    // Ends without close_notify.

    private static void cutOff(EnginePeer peer, boolean insideARecord) throws IOException {
        byte[] first = peer.encrypted((byte) 1, (byte) 2, (byte) 3);
        byte[] second = peer.encrypted(new byte[100]);
        peer.socket().send(first);
        if (insideARecord) {
            peer.socket().send(Arrays.copyOf(second, second.length - 1));
        }
        peer.socket().shutdownOutput();
    }

    @ParameterizedTest
    @CsvSource({
        "nio, TLSv1.3, false",
        "nio, TLSv1.3, true",
        "nio, TLSv1.2, false",
        "nio, TLSv1.2, true",
        "io_uring, TLSv1.3, false",
        "io_uring, TLSv1.3, true"
    })
    void aClientThatEndsWithoutCloseNotifyIsTruncated(String transport, String protocol, boolean insideARecord)
            throws Exception {
        Address address = listen(transport, server());
        try (var peer = EnginePeer.client(RawPeer.connect(address), TestCertificates.jdkContext(), protocol)) {
            cutOff(peer.shakeHands(), insideARecord);
            peer.socket().receiveToEndOrReset();
        }
        Await.until("it is closed", () -> !bed.census().closedByReason().isEmpty());
        assertThat(bed.census().closedByReason()).containsOnlyKeys(CloseReason.TRUNCATED);
        assertThat(received).hasValue(3);
    }

    @ParameterizedTest
    @CsvSource({
        "nio, TLSv1.3, false",
        "nio, TLSv1.3, true",
        "nio, TLSv1.2, true",
        "io_uring, TLSv1.3, false",
        "io_uring, TLSv1.3, true"
    })
    void aServerThatEndsWithoutCloseNotifyIsTruncated(String transport, String protocol, boolean insideARecord)
            throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen()) {
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
                try (var peer =
                        EnginePeer.server(RawPeer.accept(listening), TestCertificates.jdkContextWithKey(), protocol)) {
                    peer.shakeHands().readData(1); // so the client's connect has returned
                    cutOff(peer, insideARecord);
                    peer.socket().receiveToEndOrReset();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            int port = ((Address.Inet) RawPeer.addressOf(listening)).port();
            EventLoop loop = bed.newLoop(
                    EventLoop.builder().transport(Usable.transport(transport)).tls(client().build()));
            try (var connection = Connection.connect(loop, new Address.Tls("127.0.0.1", port))) {
                connection.out().write(1);
                assertThat(connection.in().readNBytes(3)).containsExactly(1, 2, 3);
                assertThat(catchThrowableOfType(
                                IOException.class, () -> connection.in().read()))
                        .hasMessageContaining("close_notify");
            }
            served.get(60, TimeUnit.SECONDS);
        }
        assertThat(bed.census().closedByReason()).containsOnlyKeys(CloseReason.TRUNCATED);
    }
}
