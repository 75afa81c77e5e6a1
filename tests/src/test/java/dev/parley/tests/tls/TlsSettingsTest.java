package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.parley.Authorizer;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.AddressException;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.HostResolver;
import dev.parley.net.tls.Tls;
import dev.parley.net.tls.TlsException;
import dev.parley.net.tls.TlsException.Reason;
import dev.parley.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the settings of TLS, and their changes while a server runs. */
@Timeout(120)
class TlsSettingsTest extends TlsFixture {
    private static final String FOR_SERVERS = "extendedKeyUsage=serverAuth";

    @Test
    void eachNameGetsItsCertificate() throws Exception {
        Authority.Issued one = authority.issue("one", 90, "subjectAltName=DNS:one.test", FOR_SERVERS);
        Authority.Issued two = authority.issue("two", 90, "subjectAltName=DNS:*.two.test", FOR_SERVERS);
        Address at = echo(Tls.builder()
                .certificate(one.chain(), one.key())
                .certificate(two.chain(), two.key())
                .build());
        HostResolver toLoopback = host -> List.of(InetAddress.ofLiteral("127.0.0.1"));
        EventLoop loop = bed.newLoop(EventLoop.builder().tls(client().build()).hostResolver(toLoopback));
        int port = ((Address.Inet) at).port();
        exchange(loop, new Address.Tls("one.test", port));
        exchange(loop, new Address.Tls("a.two.test", port));
        exchange(loop, new Address.Tls("ONE.test", port));
        assertThatThrownBy(() -> exchange(loop, new Address.Tls("three.test", port)))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("CN=one (for one.test) is not for three.test");
    }

    @Test
    void applicationProtocolsMustAgreeIfBothSidesNameSome() throws Exception {
        Address address = echo(server().applicationProtocols("a/1", "b/1").build());
        exchange(loop(client().applicationProtocols("c/1", "b/1")), address);
        exchange(loop(client()), address);
        EventLoop other = loop(client().applicationProtocols("c/1"));
        var failed = catchThrowableOfType(ConnectFailedException.class, () -> exchange(other, address));
        assertThat(failed.getCause()).isInstanceOfSatisfying(TlsException.class, cause -> assertThat(cause.reason())
                .isEqualTo(Reason.NO_COMMON_PROTOCOL));
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings()).anyMatch(each -> each.contains("different application protocols (ALPN)"));
    }

    @Test
    void messagesNameTheirProtocol() throws Exception {
        Server server = bed.keep(bed.server()
                .tls(server().build())
                .on("echo", request -> request)
                .listen("tls://127.0.0.1:0"));
        try (Client client =
                Client.builder(server.address()).tls(client().build()).connect()) {
            assertThat(client.call("echo", Message.text("hello")).text()).isEqualTo("hello");
        }
        EventLoop web = loop(client().applicationProtocols("h2", "http/1.1"));
        assertThatThrownBy(() -> exchange(web, server.address())).hasMessageContaining("application protocols (ALPN)");
    }

    @Test
    void aHandlerSeesWhoHasCalledByACertificate() throws Exception {
        Authority.Issued ann = authority.issue("ann", "clientAuth");
        Server server = bed.keep(bed.server()
                .tls(server().clientAuthorities(authority.certificate()).build())
                .authorization(Authorizer.byCertificate(X509Certificate::getSubjectX500Principal))
                .on(
                        "who",
                        (request, exchange) ->
                                Message.text(exchange.principal().orElseThrow().getName()))
                .listen("tls://127.0.0.1:0", "tcp://127.0.0.1:0"));
        Tls.Builder asAnn = client().certificate(ann.chain(), ann.key());
        try (Client client = Client.builder(server.address()).tls(asAnn.build()).connect()) {
            assertThat(client.call("who", Message.json("{}")).text()).isEqualTo("CN=ann");
        }
        try (Client plain = Client.connect(server.addresses().getLast())) {
            assertThatThrownBy(() -> plain.call("who", Message.json("{}"))).hasMessageContaining("unauthorized");
        }
    }

    @Test
    void aServerNeedsACertificate() {
        EventLoop plain = bed.newLoop(EventLoop.builder());
        assertThatThrownBy(() -> plain.listen("tls://127.0.0.1:0", (connection, bytes) -> {}))
                .isInstanceOf(AddressException.class)
                .hasMessageContaining("a server of TLS needs a certificate with its key");
    }

    @Test
    void aServerAtAPlainAddressIsToldApart() throws Exception {
        Address plain = bed.newLoop(EventLoop.builder())
                .listen("tcp://127.0.0.1:0", (connection, bytes) -> {
                    connection.send("220 hello\r\n".getBytes(StandardCharsets.US_ASCII));
                })
                .address();
        var there = new Address.Tls("127.0.0.1", ((Address.Tcp) plain).port());
        EventLoop loop = loop(client());
        assertThatThrownBy(() -> Connection.connect(loop, there))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("the server does not speak TLS: its first bytes were \"220 hello");
    }

    @Test
    void changedFilesAreUsedByNewHandshakesAndStandingConnectionsStay() throws Exception {
        Authority.Issued first = authority.issue("first", "serverAuth");
        Authority.Issued second = authority.issue("second", 90, "subjectAltName=DNS:second.test", FOR_SERVERS);
        Path chain = directory.resolve("live.pem");
        Path key = directory.resolve("live-key.pem");
        first.replace(chain, key);
        Address address = echo(Tls.builder().certificate(chain, key).build());
        try (var standing = Connection.connect(loop(client()), address)) {
            standing.out().write(1);
            second.replace(chain, key);
            Await.until("the second is shown", () -> isShown("second.test", address));
            assertThat(standing.in().read()).isEqualTo(1);
            standing.out().write(2);
            assertThat(standing.in().read()).isEqualTo(2);

            Files.writeString(chain, "-----BEGIN CERTIFICATE-----\nhalf");
            Await.until(
                    "it is told",
                    () -> isShown("second.test", address)
                            && bed.census().warnings().stream()
                                    .anyMatch(each -> each.contains("the earlier ones stay")));
            first.replace(chain, key);
            Await.until("the first is shown again", () -> isShown("127.0.0.1", address));
        }
        assertThat(bed.census().warnings().stream().filter(each -> each.contains("the earlier ones stay")))
                .hasSize(1);
    }

    private boolean isShown(String name, Address address) {
        try (EventLoop loop = EventLoop.builder()
                        .tls(client().serverName(name).build())
                        .start();
                var connection = Connection.connect(loop, address)) {
            connection.out().write(9);
            return connection.in().read() == 9;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Test
    void aReconnectResumesTheSession() throws Exception {
        var judged = new AtomicInteger();
        SSLContext counting = SSLContext.getInstance("TLS");
        counting.init(null, new TrustManager[] {new Counting(judged)}, null);
        Address address = echo(server().build());
        EventLoop loop = loop(Tls.builder().context(counting));
        for (int i = 0; i < 100; i++) {
            exchange(loop, address);
        }
        assertThat(judged.get()).as("full handshakes of 100").isLessThanOrEqualTo(5);
    }

    /** Accepts all servers, and counts how often it is asked: once in each handshake that does not resume a session. */
    private static final class Counting extends X509ExtendedTrustManager {
        private final AtomicInteger judged;

        Counting(AtomicInteger judged) {
            this.judged = judged;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            judged.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            judged.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            judged.incrementAndGet();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new AssertionError("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new AssertionError("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new AssertionError("this is a client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** A client prefers keys of one type, and the name counts more. */
    @Test
    void eachNameGetsItsCertificateWhateverTheTypeOfItsKey() throws Exception {
        Authority.Issued rsa = authority.issue(
                "rsa", 90, List.of("-newkey", "rsa:2048", "-nodes"), "subjectAltName=DNS:rsa.test", FOR_SERVERS);
        Authority.Issued ec = authority.issue("ec", 90, "subjectAltName=DNS:ec.test", FOR_SERVERS);
        HostResolver toLoopback = host -> List.of(InetAddress.ofLiteral("127.0.0.1"));
        EventLoop loop = bed.newLoop(EventLoop.builder().tls(client().build()).hostResolver(toLoopback));
        for (List<Authority.Issued> order : List.of(List.of(rsa, ec), List.of(ec, rsa))) {
            Tls.Builder both = Tls.builder();
            order.forEach(each -> both.certificate(each.chain(), each.key()));
            int port = ((Address.Inet) echo(both.build())).port();
            exchange(loop, new Address.Tls("rsa.test", port));
            exchange(loop, new Address.Tls("ec.test", port));
        }
    }

    /** The names are those of a network of containers, and absolute names. */
    @Test
    void namesThatCannotBeAskedForByTheProtocolAreComparedAllTheSame() throws Exception {
        Authority.Issued issued =
                authority.issue("containers", 90, "subjectAltName=DNS:my_service,DNS:host.example.test", FOR_SERVERS);
        Address at =
                echo(Tls.builder().certificate(issued.chain(), issued.key()).build());
        HostResolver toLoopback = host -> List.of(InetAddress.ofLiteral("127.0.0.1"));
        EventLoop loop = bed.newLoop(EventLoop.builder().tls(client().build()).hostResolver(toLoopback));
        int port = ((Address.Inet) at).port();
        exchange(loop, new Address.Tls("my_service", port));
        exchange(loop, new Address.Tls("host.example.test.", port));
        assertThatThrownBy(() -> exchange(loop, new Address.Tls("your_service", port)))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("is not for your_service");
    }
}
