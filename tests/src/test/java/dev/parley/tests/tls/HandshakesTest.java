package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.MemoryCap;
import dev.parley.net.Receiver;
import dev.parley.net.tls.Tls;
import dev.parley.net.transport.SocketOptions;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what peers may do before, in and after a handshake: none of it harms another connection. */
@Timeout(120)
class HandshakesTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private static Tls.Builder server() {
        return Tls.builder().certificate(TestCertificates.certificate(), TestCertificates.key());
    }

    private Address echo(EventLoop.Builder settings) throws Exception {
        return bed.newLoop(settings)
                .listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address();
    }

    private void assertServes(Address address) throws Exception {
        Tls tls = Tls.builder().authorities(TestCertificates.certificate()).build();
        try (var connection = Connection.connect(bed.newLoop(EventLoop.builder().tls(tls)), address)) {
            connection.out().write(42);
            assertThat(connection.in().read()).isEqualTo(42);
        }
    }

    private static SSLSocket jdkClient(Address address, String... protocols) throws Exception {
        var inet = (Address.Inet) address;
        var socket =
                (SSLSocket) TestCertificates.jdkContext().getSocketFactory().createSocket(inet.host(), inet.port());
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static byte[] clientHello() throws Exception {
        SSLEngine engine = TestCertificates.jdkContext().createSSLEngine();
        engine.setUseClientMode(true);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        return Arrays.copyOf(record.array(), record.position());
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void anEndAtEachByteOfAHelloHarmsNoOne(String transport) throws Exception {
        Address address =
                echo(EventLoop.builder().transport(Usable.transport(transport)).tls(server().build()));
        byte[] hello = clientHello();
        for (int length = 0; length < hello.length; length += length < 80 ? 1 : 7) {
            try (var peer = RawPeer.connect(address)) {
                peer.send(Arrays.copyOf(hello, length)).shutdownOutput();
                peer.receiveToEnd();
            }
        }
        assertServes(address);
    }

    /** One loop accepts many connections at once, and another one shakes hands with them. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void severalLoopsShakeHands(String transport) throws Exception {
        EventLoop.Builder settings =
                EventLoop.builder().transport(Usable.transport(transport)).tls(server().build());
        List<EventLoop> loops = List.of(bed.newLoop(settings), bed.newLoop(settings), bed.newLoop(settings));
        LoopListener listener =
                loops.getFirst().listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes));
        loops.stream()
                .skip(1)
                .forEach(loop -> loop.listenWith(listener, _ -> (connection, bytes) -> connection.send(bytes)));
        Tls tls = Tls.builder().authorities(TestCertificates.certificate()).build();
        EventLoop clients = bed.newLoop(EventLoop.builder().tls(tls));
        var echoed = new AtomicInteger();
        for (int i = 0; i < 150; i++) {
            clients.connect(listener.address(), new Receiver() {
                @Override
                public void opened(LoopConnection connection) {
                    connection.send(new byte[] {42});
                }

                @Override
                public void bytes(LoopConnection connection, ByteBuffer bytes) {
                    echoed.incrementAndGet();
                    connection.close();
                }
            });
        }
        Await.until("each is answered", () -> echoed.get() == 150);
    }

    @Test
    void aHelloInSingleBytesIsAnswered() throws Exception {
        Address address = echo(EventLoop.builder().tls(server().build()));
        try (var peer = RawPeer.connect(address)) {
            peer.sendByteByByte(clientHello());
            assertThat(peer.receive(1)[0]).as("a handshake record").isEqualTo((byte) 22);
        }
        assertServes(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1603014101", // a record of 16,641 bytes
                "160301ffff", // a record of 65,535 bytes
                "16030100050100ffffff", // a hello of 16 MiB
                "1603010000", // nothing, as a handshake
                "17030300021234", // data before a handshake
                "80800100", // a hello of SSL 2
                "474554202f20485454502f312e310d0a0d0a", // GET / HTTP/1.1
                "00000000000000000000"
            })
    void aBadBeginningIsRefused(String hex) throws Exception {
        Address address = echo(EventLoop.builder().tls(server().build()));
        try (var peer = RawPeer.connect(address)) {
            peer.send(HexFormat.of().parseHex(hex)).shutdownOutput();
            peer.receiveToEnd();
        }
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings()).allMatch(each -> each.startsWith("no TLS connection with tls://127.0.0.1"));
        assertServes(address);
    }

    @Test
    void aClientWithoutTlsIsToldApart() throws Exception {
        Address address = echo(EventLoop.builder().tls(server().build()));
        try (var peer = RawPeer.connect(address)) {
            peer.send("GET / HTTP/1.1\r\n\r\n").shutdownOutput();
            peer.receiveToEnd();
        }
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings())
                .anyMatch(
                        each -> each.contains("the client does not speak TLS: its first bytes were \"GET / HTTP/1.1"));
    }

    @Test
    void aHandshakeThatIsNeverFinishedEndsAfterItsTime() throws Exception {
        var ticker = new ManualTicker();
        Address address = echo(EventLoop.builder()
                .ticker(ticker)
                .tls(server().handshakeTimeout(Duration.ofSeconds(10)).build()));
        try (var silent = RawPeer.connect(address);
                var half = RawPeer.connect(address)) {
            half.send(new byte[] {22, 3, 1});
            assertServes(address); // by now, the two others were accepted
            ticker.advance(Duration.ofSeconds(11));
            silent.receiveToEndOrReset();
            half.receiveToEndOrReset();
        }
        assertThat(bed.census().warnings()).anyMatch(each -> each.contains("it was not ended within 10 s"));
        assertServes(address);
    }

    /** Returns a client hello that asks for this name, whatever its characters are; the JDK would not send it. */
    private static byte[] clientHello(String name) throws Exception {
        String placeholder = "a".repeat(name.length() - ".example".length()) + ".example";
        SSLEngine engine = TestCertificates.jdkContext().createSSLEngine(placeholder, 443);
        engine.setUseClientMode(true);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        String hello = new String(record.array(), 0, record.position(), StandardCharsets.ISO_8859_1);
        assertThat(hello).contains(placeholder);
        return hello.replace(placeholder, name).getBytes(StandardCharsets.ISO_8859_1);
    }

    private void assertIsToldOf(String name, String words) throws Exception {
        Address address = echo(EventLoop.builder().tls(server().build()));
        try (var peer = RawPeer.connect(address)) {
            peer.send(clientHello(name)).shutdownOutput();
            peer.receiveToEnd();
        }
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings()).singleElement().asString().endsWith(": " + words);
        assertServes(address);
    }

    /** A line feed in it would begin a line of the log, with a text of the client. */
    @Test
    void aNameThatAClientAsksForIsEscaped() throws Exception {
        assertIsToldOf(
                "x\nparley: Received fatal alert: decode",
                "the client asks for the name 'x\\u000aparley: Received fatal alert: decode', which Java does not"
                        + " accept as the name of a host; let it connect by another name");
    }

    @Test
    void aNameWithAnUnderscoreIsExplained() throws Exception {
        assertIsToldOf(
                "my_service.example",
                "the client asks for the name 'my_service.example', and Java accepts no name with an underscore; let"
                        + " it connect by another name");
    }

    @ParameterizedTest
    @CsvSource({"12, 64", "280, 70"})
    void aQuarterOfThePlacesIsForHandshakesAndSomeInAnyCase(int connectionsMax, int handshakesMax) throws Exception {
        Address address = echo(EventLoop.builder()
                .limits(Limits.DEFAULT.withConnectionsMax(connectionsMax))
                .tls(server().build()));
        var silent = new ArrayList<RawPeer>();
        try {
            for (int i = 0; i < handshakesMax + 5; i++) {
                silent.add(RawPeer.connect(address));
            }
            for (RawPeer each : silent.subList(0, 5)) {
                each.receiveToEndOrReset(); // the oldest ones end
            }
            for (RawPeer each : silent.subList(5, silent.size() - 1)) { // and the others stay, and can go on
                each.send("GET / HTTP/1.1\r\n\r\n");
                assertThat(each.receive(1)).as("the record of an alert").isEqualTo(new byte[] {21});
            }
            assertServes(address);
        } finally {
            for (RawPeer each : silent) {
                each.close();
            }
        }
        assertThat(bed.census().closedByReason()).doesNotContainKey(CloseReason.LIMIT);
    }

    private static void exchange(SSLSocket socket, int value) throws IOException {
        socket.getOutputStream().write(value);
        assertThat(socket.getInputStream().read()).isEqualTo(value);
    }

    /** Shakes hands again and again, and then reads: the server ends the connection, as an end or as an exception. */
    private void assertEndsAfter(int handshakes, Address address, SSLSocket socket) throws Exception {
        try {
            for (int i = 0; i < handshakes; i++) {
                socket.startHandshake(); // in TLS 1.3, this changes the keys
            }
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (IOException refused) {
            assertThat(refused).isNotInstanceOf(SocketTimeoutException.class);
        }
        Await.until(
                "the connection is closed", () -> bed.census().closedByReason().containsKey(CloseReason.TLS));
        assertServes(address);
    }

    @Test
    void changesOfKeysWithoutDataEndTheConnection() throws Exception {
        Address address = echo(EventLoop.builder().tls(server().build()));
        try (SSLSocket socket = jdkClient(address)) {
            exchange(socket, 1);
            for (int i = 0; i < 10; i++) {
                socket.startHandshake();
            }
            exchange(socket, 2);
            assertEndsAfter(100, address, socket);
        }
    }

    /** The client asks for new keys, which this side must answer, pays for that with data, and reads no answer. */
    @Test
    void aPeerThatReadsNoAnswersIsNotReadEither() throws Exception {
        var memory = MemoryCap.of(64L * 1024 * 1024);
        EventLoop loop = bed.newLoop(EventLoop.builder()
                .memory(memory)
                .socketOptions(SocketOptions.DEFAULT.withBuffers(16_384, 4_096))
                .tls(server().build()));
        var address = (Address.Inet)
                loop.listen("tls://localhost:0", (connection, bytes) -> {}).address();
        var plain = new Socket();
        plain.setReceiveBufferSize(4_096);
        plain.setSendBufferSize(16_384);
        plain.connect(new InetSocketAddress(address.host(), address.port()));
        var rounds = new AtomicInteger();
        var socket = (SSLSocket) TestCertificates.jdkContext()
                .getSocketFactory()
                .createSocket(plain, address.host(), address.port(), true);
        try (plain) { // closing the other one would wait until the server reads
            socket.startHandshake();
            var data = new byte[256];
            Thread writer = Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (; rounds.get() < 50_000; rounds.incrementAndGet()) {
                        socket.startHandshake();
                        socket.getOutputStream().write(data);
                    }
                } catch (IOException closedAtTheEnd) {
                    // expected
                }
            });
            Await.until("the server reads no more", () -> {
                int before = rounds.get();
                return before > 100 && isStillAt(before, rounds) || !writer.isAlive();
            });
            assertThat(writer.isAlive()).isTrue(); // it waits; the connection is still there
            assertThat(rounds.get()).isLessThan(50_000);
            assertThat(memory.heldBytes()).isLessThan(150_000);
        }
    }

    private static boolean isStillAt(int before, AtomicInteger rounds) {
        for (int i = 0; i < 2_000 && rounds.get() == before; i++) {
            LockSupport.parkNanos(1_000_000);
        }
        return rounds.get() == before;
    }

    @Test
    void recordsOfOneByteArriveAsOneStream() throws Exception {
        Address address = echo(EventLoop.builder().tls(server().build()));
        try (SSLSocket socket = jdkClient(address)) {
            socket.setTcpNoDelay(true);
            var sent = new byte[16 * 1024];
            new Random(7).nextBytes(sent);
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (byte each : sent) {
                        socket.getOutputStream().write(each);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(socket.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
            writer.join();
        }
    }

    @Test
    void aSecondHandshakeOfTls12IsRefused() throws Exception {
        Address address = echo(EventLoop.builder().tls(server().allowTls12().build()));
        try (SSLSocket socket = jdkClient(address, "TLSv1.2")) {
            exchange(socket, 1);
            assertEndsAfter(1, address, socket);
        }
    }

    @Test
    void onlyTls13IsSpokenUnlessTheOtherIsAllowed() throws Exception {
        Address address = echo(EventLoop.builder().tls(server().build()));
        try (SSLSocket socket = jdkClient(address, "TLSv1.2")) {
            assertThatThrownBy(socket::startHandshake).hasMessageContaining("protocol_version");
        }
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings()).anyMatch(each -> each.contains("no version of TLS in common"));
    }
}
