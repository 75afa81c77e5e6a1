package dev.parley.tests.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.Receiver;
import dev.parley.net.proxy.ProxyProtocol;
import dev.parley.net.tls.Tls;
import dev.parley.net.transport.RefusedPeerException;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.Haproxy;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import dev.parley.tests.tls.EnginePeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that a load balancer in front of a listener can name the client of a connection, and that connections of others
 * are refused.
 */
@Timeout(120)
class ProxyProtocolTest {
    private static final String LINE = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n";
    private static final String CLAIMED = "203.0.113.7:56324";
    private static final byte[] BINARY = HexFormat.of()
            .parseHex("0d0a0d0a000d0a515549540a" + "2111000c" + "cb007107" + "c0000201" + "dc04" + "01bb");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private final List<String> accepted = new CopyOnWriteArrayList<>();

    /** Answers each byte with itself, and tells first whose connection it is. */
    private static final class Telling implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            String claimed = connection.claimedAddress().map(Address::toString).orElse("nobody");
            connection.send((claimed + "\n").getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            connection.send(bytes);
        }
    }

    private final class Noting implements LoopObserver {
        @Override
        public void accepted(Address listening, ConnectionInfo connection) {
            accepted.add(connection.peerText());
        }

        @Override
        public void refused(Address listening, Address peer, IOException cause) {
            assertThat(cause).isInstanceOf(RefusedPeerException.class);
            refusals.add(String.valueOf(cause.getMessage()));
        }
    }

    private EventLoop.Builder settings(String transport, String... proxies) {
        return EventLoop.builder()
                .transport(Usable.transport(transport))
                .observer(new Noting())
                .proxyProtocol(ProxyProtocol.from(proxies));
    }

    private LoopListener listen(EventLoop.Builder settings, String address) throws Exception {
        return bed.keep(settings.start()).listen(address, new Telling());
    }

    private static String firstLine(RawPeer peer) throws IOException {
        var line = new StringBuilder();
        for (byte next = peer.receive(1)[0]; next != '\n'; next = peer.receive(1)[0]) {
            line.append((char) next);
        }
        return line.toString();
    }

    @ParameterizedTest
    @CsvSource({"nio, false", "nio, true", "io_uring, false", "io_uring, true"})
    void theClaimedAddressIsTold(String transport, boolean byteByByte) throws Exception {
        Address address =
                listen(settings(transport, "127.0.0.0/8"), "tcp://127.0.0.1:0").address();
        for (byte[] header : List.of(LINE.getBytes(StandardCharsets.US_ASCII), BINARY)) {
            byte[] withData = Arrays.copyOf(header, header.length + 5);
            System.arraycopy("hello".getBytes(StandardCharsets.US_ASCII), 0, withData, header.length, 5);
            try (var peer = RawPeer.connect(address)) {
                if (byteByByte) {
                    peer.sendByteByByte(withData);
                } else {
                    peer.send(withData);
                }
                assertThat(firstLine(peer)).isEqualTo("tcp://" + CLAIMED);
                assertThat(peer.receive(5)).asString().isEqualTo("hello");
                peer.send("more").shutdownOutput();
                assertThat(peer.receiveToEnd()).asString().isEqualTo("more");
            }
        }
        assertThat(accepted)
                .hasSize(2)
                .allMatch(
                        text -> text.matches("tcp://127\\.0\\.0\\.1:\\d+ \\(claims tcp://203\\.0\\.113\\.7:56324\\)"));
        assertThat(refusals).isEmpty();
    }

    /** If a proxy on this host does not name its client, the client does not count as one of this host. */
    @ParameterizedTest
    @CsvSource({
        "50524f585920554e4b4e4f574e0d0a, false",
        "0d0a0d0a000d0a515549540a21000000, false",
        "0d0a0d0a000d0a515549540a21310000, false",
        "0d0a0d0a000d0a515549540a20000000, true"
    })
    void aClientOfAProxyIsNotOnThisHost(String header, boolean isOnThisHost) throws Exception {
        var told = new CompletableFuture<Boolean>();
        LoopListener listener = bed.keep(settings("nio", "127.0.0.1").start())
                .listen("tcp://127.0.0.1:0", new Receiver() {
                    @Override
                    public void opened(LoopConnection connection) {
                        told.complete(connection.isPeerOnThisHost());
                    }

                    @Override
                    public void bytes(LoopConnection connection, ByteBuffer bytes) {
                        bytes.position(bytes.limit());
                    }
                });
        try (var peer = RawPeer.connect(listener.address())) {
            peer.send(HexFormat.of().parseHex(header));
            assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo(isOnThisHost);
        }
    }

    /** The header comes before TLS, whose handshake the proxy passes on. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void theClaimedAddressIsToldOverTlsToo(String transport) throws Exception {
        Address address = listen(
                        settings(transport, "127.0.0.1").tls(TestCertificates.ofBothSides()), "tls://127.0.0.1:0")
                .address();
        for (byte[] header : List.of(LINE.getBytes(StandardCharsets.US_ASCII), BINARY)) {
            try (var peer = RawPeer.connect(address).send(header)) {
                var client = EnginePeer.client(peer, TestCertificates.jdkContext(), "TLSv1.3")
                        .shakeHands();
                var line = new StringBuilder();
                while (line.indexOf("\n") < 0) {
                    line.append(new String(client.readRecord(), StandardCharsets.US_ASCII));
                }
                assertThat(line).asString().isEqualTo("tls://" + CLAIMED + "\n");
            }
        }
        assertThat(refusals).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aHandshakeWithoutAHeaderIsRefused(String transport) throws Exception {
        Address address = listen(
                        settings(transport, "127.0.0.1").tls(TestCertificates.ofBothSides()), "tls://127.0.0.1:0")
                .address();
        try (var peer = RawPeer.connect(address)) {
            peer.send(HexFormat.of().parseHex("1603010200010001fc0303")); // the beginning of a client hello
            assertThat(peer.receiveToEndOrReset()).isEmpty();
        }
        Await.until("it is reported", () -> refusals.size() == 1);
        assertThat(refusals.getFirst()).contains("PROXY");
        assertThat(accepted).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp", "nio, tls", "io_uring, tls"})
    void anEndAtEachByteOfAHeaderIsRefused(String transport, String scheme) throws Exception {
        Address address = listen(
                        settings(transport, "127.0.0.1").tls(TestCertificates.ofBothSides()), scheme + "://127.0.0.1:0")
                .address();
        int ends = 0;
        for (byte[] header : List.of(LINE.getBytes(StandardCharsets.US_ASCII), BINARY)) {
            for (int length = 0; length < header.length; length++) {
                try (var peer = RawPeer.connect(address)) {
                    peer.send(Arrays.copyOf(header, length)).shutdownOutput();
                    assertThat(peer.receiveToEndOrReset())
                            .as("after %d bytes", length)
                            .isEmpty();
                }
                ends += length == 0 ? 0 : 1; // who ends without a byte only looks whether the port is open
            }
        }
        int expected = ends;
        Await.until("each is reported", () -> refusals.size() == expected);
        assertThat(refusals).allMatch(text -> text.contains("before its PROXY header was whole"));
        assertThat(accepted).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void whatIsNoHeaderIsRefused(String transport) throws Exception {
        Address address =
                listen(settings(transport, "127.0.0.1"), "tcp://127.0.0.1:0").address();
        for (String sent :
                List.of("GET / HTTP/1.1\r\n\r\n", "hello", "PROXY TCP4 1 2 3 4\r\n", "\r\n\r\n\0\r\nQUIT\r")) {
            try (var peer = RawPeer.connect(address)) {
                peer.send(sent);
                assertThat(peer.receiveToEndOrReset()).isEmpty();
            }
        }
        Await.until("each is reported", () -> refusals.size() == 4);
        assertThat(refusals).allMatch(text -> text.contains("PROXY"));
        assertThat(accepted).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void whoIsNoProxyIsRefusedWhateverItSays(String transport) throws Exception {
        Address address = listen(settings(transport, "10.0.0.0/8", "192.0.2.1"), "tcp://127.0.0.1:0")
                .address();
        try (var peer = RawPeer.connect(address)) {
            assertThat(peer.receiveToEndOrReset()).isEmpty();
        }
        Await.until("it is reported", () -> refusals.size() == 1);
        assertThat(refusals.getFirst()).contains("not a proxy", "10.0.0.0/8, 192.0.2.1/32");
        assertThat(accepted).isEmpty();
    }

    /** A silent proxy is ended after five seconds, and does not keep others from being served. */
    @Test
    void aHeaderMustComeInTime() throws Exception {
        var ticker = bed.ticker();
        Address address = listen(settings("nio", "127.0.0.1").ticker(ticker), "tcp://127.0.0.1:0")
                .address();
        try (var silent = RawPeer.connect(address);
                var served = RawPeer.connect(address)) {
            silent.send("PROXY TCP4");
            served.send(LINE);
            assertThat(firstLine(served)).isEqualTo("tcp://" + CLAIMED);
            ticker.advance(Duration.ofMillis(4_999));
            served.send("x");
            assertThat(served.receive(1)).asString().isEqualTo("x");
            assertThat(refusals).isEmpty();
            ticker.advance(Duration.ofMillis(1));
            assertThat(silent.receiveToEndOrReset()).isEmpty();
            Await.until("it is reported", () -> refusals.size() == 1);
            assertThat(refusals.getFirst()).contains("within 5 s");
        }
    }

    @Test
    void theOldestOfTooManyIsEnded() throws Exception {
        Address address = listen(
                        settings("nio", "127.0.0.1").limits(Limits.DEFAULT.withConnectionsMax(280)),
                        "tcp://127.0.0.1:0")
                .address();
        var peers = new ArrayList<RawPeer>();
        try {
            for (int i = 0; i <= 70; i++) {
                peers.add(RawPeer.connect(address).send("P"));
            }
            assertThat(peers.getFirst().receiveToEndOrReset()).isEmpty();
            for (RawPeer each : peers.subList(1, 71)) {
                each.send(LINE.substring(1));
                assertThat(firstLine(each)).isEqualTo("tcp://" + CLAIMED);
            }
        } finally {
            for (RawPeer each : peers) {
                each.close();
            }
        }
        assertThat(refusals).hasSize(1).allMatch(text -> text.contains("more than 70"));
    }

    @Test
    void severalLoopsShareTheConnections() throws Exception {
        EventLoop.Builder settings = settings("nio", "127.0.0.1");
        EventLoop first = bed.keep(settings.start());
        EventLoop second = bed.keep(settings.start());
        LoopListener listener = bed.keep(first.listen("tcp://127.0.0.1:0", new Telling()));
        second.listenWith(listener, _ -> new Telling());
        for (int i = 0; i < 20; i++) {
            try (var peer = RawPeer.connect(listener.address());
                    var other = RawPeer.connect(listener.address())) {
                peer.send(LINE);
                other.send(BINARY);
                assertThat(firstLine(peer)).isEqualTo("tcp://" + CLAIMED);
                assertThat(firstLine(other)).isEqualTo("tcp://" + CLAIMED);
            }
        }
    }

    private static EventLoop.Builder secured(EventLoop.Builder settings) throws Exception {
        return settings.tls(Tls.builder()
                .certificate(TestCertificates.certificate(), TestCertificates.key())
                .build());
    }

    /** The header comes before the handshake, most often in the same packet as the beginning of the handshake. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aHeaderComesBeforeTls(String transport) throws Exception {
        var address = (Address.Inet) listen(secured(settings(transport, "127.0.0.1")), "tls://127.0.0.1:0")
                .address();
        for (byte[] header : List.of(LINE.getBytes(StandardCharsets.US_ASCII), BINARY)) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), address.port())) {
                socket.setSoTimeout(60_000);
                socket.getOutputStream().write(header);
                var secured = (SSLSocket) TestCertificates.jdkContext()
                        .getSocketFactory()
                        .createSocket(socket, address.host(), address.port(), false);
                var expected = ("tls://" + CLAIMED + "\n").getBytes(StandardCharsets.US_ASCII);
                assertThat(secured.getInputStream().readNBytes(expected.length)).isEqualTo(expected);
                secured.getOutputStream().write(42);
                assertThat(secured.getInputStream().read()).isEqualTo(42);
            }
        }
        assertThat(refusals).isEmpty();
    }

    /** The address of the proxy alone would not show whose handshake has failed. */
    @Test
    void aRefusedHandshakeIsToldWithTheClaimedAddress() throws Exception {
        EventLoop loop = bed.newLoop(secured(EventLoop.builder()).proxyProtocol(ProxyProtocol.from("127.0.0.1")));
        Address address = loop.listen("tls://127.0.0.1:0", new Telling()).address();
        try (var peer = RawPeer.connect(address)) {
            peer.send(LINE + "GET / HTTP/1.1\r\n\r\n").shutdownOutput();
            peer.receiveToEnd();
        }
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings())
                .singleElement()
                .asString()
                .matches("no TLS connection with tls://127\\.0\\.0\\.1:\\d+ \\(claims tls://203\\.0\\.113\\.7:56324\\):"
                        + " the client does not speak TLS.*");
    }

    /** HAProxy is in front, as its users configure it; it also checks by itself whether the server is up. */
    @ParameterizedTest
    @CsvSource({"send-proxy, tcp", "send-proxy-v2, tcp", "send-proxy-v2 ssl verify none, tls"})
    void haproxyIsUnderstood(String option, String scheme, @TempDir Path directory) throws Exception {
        var server = (Address.Inet) listen(secured(settings("nio", "127.0.0.1")), scheme + "://127.0.0.1:0")
                .address();
        List<String> front = List.of(
                "listen front",
                "    bind 127.0.0.1:PORT",
                "    server one 127.0.0.1:" + server.port() + " " + option + " check inter 200ms");
        try (Haproxy haproxy = Haproxy.start(directory, front)) {
            Await.until("HAProxy looks at the server", () -> accepted.size() >= 2);
            try (var client = new Socket(InetAddress.getLoopbackAddress(), haproxy.port())) {
                client.setSoTimeout(60_000);
                String claimed = scheme + "://127.0.0.1:" + client.getLocalPort() + "\n";
                assertThat(client.getInputStream().readNBytes(claimed.length()))
                        .asString()
                        .isEqualTo(claimed);
                client.getOutputStream().write(42);
                assertThat(client.getInputStream().read()).isEqualTo(42);
            }
            assertThat(refusals).isEmpty();
        }
    }
}
