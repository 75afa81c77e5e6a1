package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.tls.ChainCheck;
import dev.parley.net.tls.Tls;
import dev.parley.net.tls.TlsException;
import dev.parley.net.tls.TlsException.Reason;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestCertificates;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that only verified certificates say who the peer is, in first handshakes and in later ones. */
@Timeout(120)
class PeerCertificatesTest extends TlsFixture {
    /** The certificates of its clients that the server has seen. */
    private final Queue<List<X509Certificate>> seen = new ConcurrentLinkedQueue<>();

    private Address listen(Tls.Builder settings) throws Exception {
        return bed.newLoop(EventLoop.builder().tls(settings.build()))
                .listen("tls://127.0.0.1:0", new Receiver() {
                    @Override
                    public void opened(LoopConnection connection) {
                        seen.add(connection.peerCertificates());
                    }

                    @Override
                    public void bytes(LoopConnection connection, ByteBuffer bytes) {
                        connection.send(bytes);
                    }
                })
                .address();
    }

    private static Path joined(String name, Path... files) throws IOException {
        var text = new StringBuilder();
        for (Path file : files) {
            text.append(Files.readString(file));
        }
        return Files.writeString(directory.resolve(name), text);
    }

    private static Tls.Builder allowing(String protocol, Tls.Builder settings) {
        return protocol.equals("TLSv1.2") ? settings.allowTls12() : settings;
    }

    /** The second connection resumes the session of the first one, which has the whole chain. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void whatAClientSendsBesidesIsNotSeen(String protocol) throws Exception {
        Authority between = authority.intermediate("between " + protocol);
        Authority.Issued ann = between.issue("ann " + protocol, "clientAuth");
        Path admins =
                Authority.make(directory, "Admins of the bank " + protocol).certificate();
        Path chain = joined("chain " + protocol, ann.chain(), admins, between.certificate());
        Address address = listen(allowing(protocol, server()).clientAuthorities(authority.certificate()));
        List<X509Certificate> verified =
                ChainCheck.read(joined("path " + protocol, ann.chain(), between.certificate()));
        var context = TestCertificates.jdkContext(chain, ann.key(), authority.certificate());
        for (int i = 0; i < 3; i++) {
            try (var peer = EnginePeer.client(RawPeer.connect(address), context, protocol)) {
                peer.shakeHands().socket().send(peer.encrypted((byte) 7));
                peer.readData(1);
            }
        }
        assertThat(seen).hasSize(3).allMatch(verified::equals);
    }

    @Test
    void aClientSeesThePathOfItsServer() throws Exception {
        Authority between = authority.intermediate("between servers");
        Authority.Issued shop = between.issue("shop", "serverAuth");
        Path admins = Authority.make(directory, "Another bank").certificate();
        Path chain = joined("chain of shop", shop.chain(), admins, between.certificate());
        Address address = listen(Tls.builder().certificate(chain, shop.key()));
        List<X509Certificate> verified = ChainCheck.read(joined("path", shop.chain(), between.certificate()));
        EventLoop loop = loop(client());
        for (int i = 0; i < 2; i++) {
            try (var connection = Connection.connect(loop, address)) {
                connection.out().write(1);
                assertThat(connection.in().read()).isEqualTo(1);
                assertThat(connection.info().peerCertificates()).isEqualTo(verified);
            }
        }
        var context = TestCertificates.jdkContext(chain, shop.key(), authority.certificate());
        try (var connection = Connection.connect(loop(Tls.builder().context(context)), address)) {
            assertThat(connection.info().peerCertificates()).isEqualTo(verified.subList(0, 1));
        }
    }

    /** Makes a certificate of 90 days, which ends in a few seconds. */
    private static Authority.Issued ending(String name) throws Exception {
        Path made = TestCertificates.another(Files.createDirectory(directory.resolve(name)), "-90d+8S");
        return new Authority.Issued(made.resolve("certificate.pem"), made.resolve("key.pem"));
    }

    private static void awaitEnd(Authority.Issued ending) throws Exception {
        X509Certificate certificate = ChainCheck.read(ending.chain()).getFirst();
        Await.until("it has expired", () -> {
            try {
                certificate.checkValidity();
                return false;
            } catch (CertificateException expired) {
                return true;
            }
        });
    }

    @Test
    void aServerThatHasExpiredSinceTheFirstHandshakeIsNotConnectedToAgain() throws Exception {
        Authority.Issued ending = ending("ending server");
        Address address = listen(Tls.builder().certificate(ending.chain(), ending.key()));
        EventLoop loop = loop(Tls.builder().authorities(ending.chain()));
        exchange(loop, address);
        awaitEnd(ending);
        for (int i = 0; i < 2; i++) { // the first one resumes the session
            var failed = catchThrowableOfType(ConnectFailedException.class, () -> exchange(loop, address));
            assertThat(failed.getCause()).isInstanceOfSatisfying(TlsException.class, cause -> assertThat(cause.reason())
                    .isEqualTo(Reason.EXPIRED));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aClientThatHasExpiredSinceTheFirstHandshakeIsNotLetInAgain(String protocol) throws Exception {
        Authority.Issued ending = ending("ending client " + protocol);
        Address address = listen(allowing(protocol, server()).clientAuthorities(ending.chain()));
        var context = TestCertificates.jdkContext(ending.chain(), ending.key(), authority.certificate());
        try (var peer = EnginePeer.client(RawPeer.connect(address), context, protocol)) {
            peer.shakeHands().socket().send(peer.encrypted((byte) 7));
            peer.readData(1);
        }
        awaitEnd(ending);
        assertThatThrownBy(() -> {
                    try (var peer = EnginePeer.client(RawPeer.connect(address), context, protocol)) {
                        peer.shakeHands().socket().send(peer.encrypted((byte) 7));
                        peer.readData(1);
                    }
                })
                .isNotNull();
        Await.until("it is reported", () -> bed.census().warnings().stream()
                .anyMatch(each -> each.contains("no TLS connection with") && each.contains("has expired on")));
        assertThat(seen).hasSize(1);
    }

    private void exchange(SSLContext context, String protocol, Address address) throws Exception {
        try (var peer = EnginePeer.client(RawPeer.connect(address), context, protocol)) {
            peer.shakeHands().socket().send(peer.encrypted((byte) 7));
            peer.readData(1);
        }
    }

    /** A client that has renewed its certificate in time still has the session with the one that has expired. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aClientThatHasRenewedItsCertificateIsLetInAfterOneRefusal(String protocol) throws Exception {
        Authority.Issued ending = ending("renewed client " + protocol);
        Authority.Issued renewed = authority.issue("renewed " + protocol, "clientAuth");
        Path trusted = joined("trusted " + protocol, ending.chain(), authority.certificate());
        Address address = listen(allowing(protocol, server()).clientAuthorities(trusted));
        var keys = new RenewingKeys(TestCertificates.keyManager(ending.chain(), ending.key()));
        SSLContext context = TestCertificates.jdkContext(keys, authority.certificate());
        exchange(context, protocol, address);
        awaitEnd(ending);
        keys.now = TestCertificates.keyManager(renewed.chain(), renewed.key());
        assertThatThrownBy(() -> exchange(context, protocol, address)).isNotNull();
        exchange(context, protocol, address);
        assertThat(seen.stream().map(List::getFirst))
                .last()
                .isEqualTo(ChainCheck.read(renewed.chain()).getFirst());
    }
}
