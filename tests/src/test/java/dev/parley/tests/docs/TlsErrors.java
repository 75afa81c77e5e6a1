package dev.parley.tests.docs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import dev.parley.tests.docs.ErrorsPageTest.Situation;
import dev.parley.tests.tls.Authority;
import dev.parley.tests.tls.EnginePeer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Causes the errors about TLS: what each side reads if the other does not accept something. */
final class TlsErrors {
    private static final String FOR_SERVERS = "extendedKeyUsage=serverAuth";
    private static final String NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1";
    private static final int DAYS = 90;

    private TlsErrors() {}

    static void addTo(Map<String, Situation> all) {
        all.put("A server without a certificate", TlsErrors::noCertificate);
        all.put("A certificate for another name", TlsErrors::anotherName);
        all.put("A certificate of an unknown authority", TlsErrors::unknownAuthority);
        all.put("A chain that lacks a certificate", TlsErrors::missingLink);
        all.put("A certificate that has expired", TlsErrors::expired);
        all.put("A certificate with a weak key", TlsErrors::weakKey);
        all.put("A certificate beyond the limits of its authority", TlsErrors::beyondLimits);
        all.put("A certificate that is not valid yet", TlsErrors::notYetValid);
        all.put("A certificate for another purpose", TlsErrors::anotherPurpose);
        all.put("A client without a certificate", TlsErrors::noClientCertificate);
        all.put("A client's certificate that is not accepted", TlsErrors::refusedClient);
        all.put("A client's certificate that has expired", TlsErrors::expiredClient);
        all.put("A key that does not belong to the certificate", TlsErrors::anotherKey);
        all.put("A key that every user can read", TlsErrors::openKey);
        all.put("No common version of TLS", TlsErrors::noCommonVersion);
        all.put("No common cipher suite, group or signature", TlsErrors::noCommonGroup);
        all.put("No common application protocol", TlsErrors::noCommonProtocol);
        all.put("A client without TLS at a TLS port", TlsErrors::plainClient);
        all.put("A TLS client at a port without TLS", TlsErrors::plainServer);
        all.put("A handshake that is never finished", TlsErrors::neverFinished);
        all.put("A server that accepts and says nothing", TlsErrors::silentServer);
        all.put("A second handshake on one connection", TlsErrors::secondHandshake);
        all.put("A stream that is cut off", TlsErrors::truncated);
    }

    private static Authority authority(ErrorStage stage) throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        return Authority.make(stage.directory, "Example CA");
    }

    private static Tls.Builder shows(Authority.Issued issued) {
        return Tls.builder().certificate(issued.chain(), issued.key());
    }

    private static Address listen(ErrorStage stage, Tls.Builder settings) throws IOException {
        EventLoop loop = stage.keep(EventLoop.builder()
                .tls(settings.build())
                .observer(stage.log)
                .daemon(true)
                .start());
        return stage.knows(loop.listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address());
    }

    /** Connects and reads: a server refuses a client's certificate when the client believes that it is connected. */
    private static void connect(ErrorStage stage, Address address, Tls.Builder settings) throws IOException {
        EventLoop loop = stage.keep(
                EventLoop.builder().tls(settings.build()).daemon(true).start());
        stage.thrown(() -> {
            try (var connection = Connection.connect(loop, address)) {
                connection.in().read();
            }
        });
    }

    private static void refused(ErrorStage stage, Authority.Issued shown, Path authorities) throws Exception {
        Address address = listen(stage, shows(shown));
        connect(stage, address, Tls.builder().authorities(authorities));
        stage.logged(1);
    }

    private static void noCertificate(ErrorStage stage) {
        stage.command("app", "server", "tls://localhost:65432");
        stage.command("app", "server", "tcp://localhost:65432", "--tls-cert", "server.pem");
    }

    private static void anotherName(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued shown = authority.issue("shop", DAYS, "subjectAltName=DNS:shop.example.com", FOR_SERVERS);
        refused(stage, shown, authority.certificate());
    }

    private static void unknownAuthority(ErrorStage stage) throws Exception {
        Authority.Issued shown = authority(stage).issue("shop", DAYS, NAMES, FOR_SERVERS);
        refused(stage, shown, TestCertificates.certificate());
    }

    private static void missingLink(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued shown = authority.intermediate("Example Issuer").issue("shop", DAYS, NAMES, FOR_SERVERS);
        refused(stage, shown, authority.certificate());
    }

    private static void expired(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued shown = authority.issue("shop", -1, NAMES, FOR_SERVERS);
        refused(stage, shown, authority.certificate());
    }

    private static void weakKey(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued shown =
                authority.issue("shop", DAYS, List.of("-newkey", "rsa:1024", "-nodes"), NAMES, FOR_SERVERS);
        refused(stage, shown, authority.certificate());
    }

    private static void beyondLimits(ErrorStage stage) throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        Authority limited = Authority.make(stage.directory, "Example CA", "permitted;DNS:example.com");
        refused(stage, limited.issue("shop", DAYS, NAMES, FOR_SERVERS), limited.certificate());
    }

    private static void notYetValid(ErrorStage stage) throws Exception {
        Path directory = TestCertificates.another(stage.directory, "+10d");
        var shown = new Authority.Issued(directory.resolve("certificate.pem"), directory.resolve("key.pem"));
        refused(stage, shown, shown.chain());
    }

    private static void anotherPurpose(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued shown = authority.issue("shop", DAYS, NAMES, "extendedKeyUsage=clientAuth");
        refused(stage, shown, authority.certificate());
    }

    private static Address mutual(ErrorStage stage, Authority authority) throws Exception {
        Authority.Issued shown = authority.issue("shop", DAYS, NAMES, FOR_SERVERS);
        return listen(stage, shows(shown).clientAuthorities(authority.certificate()));
    }

    private static void noClientCertificate(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        connect(stage, mutual(stage, authority), Tls.builder().authorities(authority.certificate()));
        stage.logged(1);
    }

    private static void refusedClient(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued shown = Authority.make(stage.directory, "Other CA").issue("ann", "clientAuth");
        connect(stage, mutual(stage, authority), shows(shown).authorities(authority.certificate()));
        stage.logged(1);
    }

    private static void expiredClient(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued shown = authority.issue("ann", -1, NAMES, "extendedKeyUsage=clientAuth");
        connect(stage, mutual(stage, authority), shows(shown).authorities(authority.certificate()));
        stage.logged(1);
    }

    private static void anotherKey(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued one = authority.issue("shop", DAYS, NAMES, FOR_SERVERS);
        Authority.Issued two = authority.issue("other", DAYS, NAMES, FOR_SERVERS);
        stage.thrown(() -> Tls.builder().certificate(one.chain(), two.key()).build());
    }

    private static void openKey(ErrorStage stage) throws Exception {
        Authority.Issued shown = authority(stage).issue("shop", DAYS, NAMES, FOR_SERVERS);
        Files.setPosixFilePermissions(shown.key(), PosixFilePermissions.fromString("rw-r--r--"));
        stage.thrown(() -> shows(shown).build());
    }

    /** Connects to a server of the JDK that speaks only TLS 1.2. */
    private static void noCommonVersion(ErrorStage stage) throws Exception {
        var old = (SSLServerSocket) SSLContext.getDefault()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        stage.keep(old);
        old.setEnabledProtocols(new String[] {"TLSv1.2"});
        Thread.ofVirtual().start(() -> {
            try (var accepted = old.accept()) {
                var _ = accepted.getInputStream().read();
            } catch (IOException refused) {
                return;
            }
        });
        Address address = stage.knows(new Address.Tls("127.0.0.1", old.getLocalPort()));
        connect(stage, address, Tls.builder());
    }

    /** A client of the JDK that knows no elliptic curve. */
    private static void noCommonGroup(ErrorStage stage) throws Exception {
        Address address =
                listen(stage, Tls.builder().certificate(TestCertificates.certificate(), TestCertificates.key()));
        try (var socket = (SSLSocket) TestCertificates.jdkContext()
                .getSocketFactory()
                .createSocket("127.0.0.1", ((Address.Inet) address).port())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setNamedGroups(new String[] {"ffdhe2048"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
        } catch (SSLException refused) {
            stage.logged(1);
        }
    }

    private static void noCommonProtocol(ErrorStage stage) throws Exception {
        Authority authority = authority(stage);
        Authority.Issued shown = authority.issue("shop", DAYS, NAMES, FOR_SERVERS);
        Address address = listen(stage, shows(shown).applicationProtocols("parley/1"));
        connect(
                stage,
                address,
                Tls.builder().authorities(authority.certificate()).applicationProtocols("h2"));
        stage.logged(1);
    }

    private static void plainClient(ErrorStage stage) throws Exception {
        Address address =
                listen(stage, Tls.builder().certificate(TestCertificates.certificate(), TestCertificates.key()));
        stage.command(
                "call", "tcp://127.0.0.1:" + ((Address.Inet) address).port(), "search", "{\"value\": \"morpheus\"}");
        stage.command("echo", "client", "tcp://127.0.0.1:" + ((Address.Inet) address).port(), "hello");
        stage.logged(1);
    }

    private static void plainServer(ErrorStage stage) throws Exception {
        Address plain =
                stage.server(handlers -> handlers.otherwise(request -> request)).address();
        Address address = stage.knows(new Address.Tls("127.0.0.1", ((Address.Inet) plain).port()));
        stage.command("call", address.toString(), "search", "{}");
        Address echo = stage.knows(stage.keep(EventLoop.builder().daemon(true).start())
                .listen("tcp://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address());
        stage.command("echo", "client", "tls://127.0.0.1:" + ((Address.Inet) echo).port(), "hello");
        stage.logged(1);
    }

    private static void silentServer(ErrorStage stage) throws Exception {
        ServerSocketChannel silent = stage.keep(RawPeer.listen());
        int port = ((Address.Inet) stage.knows(RawPeer.addressOf(silent))).port();
        stage.command("wait", "tls://127.0.0.1:" + port, "--timeout", "1s");
    }

    /** The actions of a server of TLS after its handshake, and the first byte of its client. */
    private interface Then {
        void go(EnginePeer peer) throws Exception;
    }

    /** Connects to such a server, writes a byte, and reads. */
    private static void connectTo(ErrorStage stage, String protocol, Then then) throws Exception {
        ServerSocketChannel listening = stage.keep(RawPeer.listen());
        Thread.ofVirtual().start(() -> {
            try (var peer =
                    EnginePeer.server(RawPeer.accept(listening), TestCertificates.jdkContextWithKey(), protocol)) {
                peer.shakeHands().readRecord();
                then.go(peer);
            } catch (Exception | AssertionError over) {
                return;
            }
        });
        int port = ((Address.Inet) stage.knows(RawPeer.addressOf(listening))).port();
        EventLoop loop = stage.keep(EventLoop.builder()
                .tls(Tls.builder()
                        .authorities(TestCertificates.certificate())
                        .allowTls12()
                        .build())
                .daemon(true)
                .start());
        stage.thrown(() -> {
            try (var connection = Connection.connect(loop, new Address.Tls("127.0.0.1", port))) {
                connection.out().write(1);
                connection.in().read();
            }
        });
    }

    private static void secondHandshake(ErrorStage stage) throws Exception {
        connectTo(stage, "TLSv1.2", peer -> {
            peer.askForHandshake();
            peer.shakeHands();
        });
    }

    /** The process of a server that is killed: the kernel ends the connection, and TLS does not. */
    private static void truncated(ErrorStage stage) throws Exception {
        connectTo(stage, "TLSv1.3", peer -> {});
    }

    private static void neverFinished(ErrorStage stage) throws Exception {
        Address address = listen(
                stage,
                Tls.builder()
                        .certificate(TestCertificates.certificate(), TestCertificates.key())
                        .handshakeTimeout(Duration.ofMillis(100)));
        stage.keep(RawPeer.connect(address)).send((byte) 22, (byte) 3, (byte) 1);
        stage.logged(1);
    }
}
