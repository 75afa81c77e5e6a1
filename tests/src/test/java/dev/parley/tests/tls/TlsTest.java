package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the settings of TLS, the peers that each side accepts, and OpenSSL as the other side. The contract tests the
 * bytes.
 */
@Timeout(120)
class TlsTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private EventLoop loop(Tls tls, String transport) {
        return bed.newLoop(
                EventLoop.builder().transport(Usable.transport(transport)).tls(tls));
    }

    private static Tls server() throws IOException {
        return Tls.builder()
                .certificate(TestCertificates.certificate(), TestCertificates.key())
                .build();
    }

    private static Tls client() throws IOException {
        return Tls.builder().authorities(TestCertificates.certificate()).build();
    }

    private static Tls named(String serverName) throws IOException {
        return Tls.builder()
                .authorities(TestCertificates.certificate())
                .serverName(serverName)
                .build();
    }

    private Address echo(Tls tls, String transport) throws Exception {
        return loop(tls, transport)
                .listen("tls://localhost:0", (connection, bytes) -> connection.send(bytes))
                .address();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void messagesAndStreamsGoOverIt(String transport) throws Exception {
        Server server = bed.keep(bed.server()
                .on("echo", request -> request)
                .listen(loop(server(), transport), Address.parse("tls://localhost:0")));
        Client client = bed.keep(
                Client.builder(server.address()).loop(loop(client(), transport)).connect());
        assertThat(client.call("echo", Message.text("over TLS")).text()).isEqualTo("over TLS");
        byte[] large = new byte[900_000];
        assertThat(client.call("echo", Message.binary("application/octet-stream", large))
                        .contentLength())
                .isEqualTo(large.length);
    }

    @Test
    void theNameOfTheServerIsChecked() throws Exception {
        Address address = echo(server(), "nio");
        EventLoop accepting = loop(named("127.0.0.1"), "nio");
        try (var connection = Connection.connect(accepting, address)) {
            connection.out().write(1);
            assertThat(connection.in().read()).isEqualTo(1);
        }
        assertThatThrownBy(() -> Connection.connect(loop(named("example.com"), "nio"), address))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("example.com");
    }

    @Test
    void anUnknownIssuerIsRefusedByEachSide() throws Exception {
        Path other = TestCertificates.another(directory);
        Tls trustsOther =
                Tls.builder().authorities(other.resolve("certificate.pem")).build();
        assertThatThrownBy(() -> Connection.connect(loop(trustsOther, "nio"), echo(server(), "nio")))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("has signed itself, and is not among the authorities");

        Tls mutual = Tls.builder()
                .certificate(TestCertificates.certificate(), TestCertificates.key())
                .clientAuthorities(TestCertificates.certificate())
                .build();
        Address address = echo(mutual, "nio");
        Tls known = TestCertificates.ofBothSides();
        try (var connection = Connection.connect(loop(known, "nio"), address)) {
            connection.out().write(1);
            assertThat(connection.in().read()).isEqualTo(1);
        }
        Tls stranger = Tls.builder()
                .authorities(TestCertificates.certificate())
                .certificate(other.resolve("certificate.pem"), other.resolve("key.pem"))
                .build();
        for (Tls refused : List.of(stranger, client())) {
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
                try (var connection = Connection.connect(loop(refused, "nio"), address)) {
                    connection.out().write(1);
                    connection.in().read();
                }
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"EC, pkcs8", "EC, traditional", "RSA, pkcs8", "RSA, traditional", "ED25519, pkcs8"})
    void keysAreReadInTheFormsThatOpenSslWrites(String algorithm, String form) throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        Path key = directory.resolve("key.pem");
        Path certificate = directory.resolve("certificate.pem");
        List<String> kind =
                switch (algorithm) {
                    case "EC" -> List.of("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
                    case "RSA" -> List.of("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
                    default -> List.of("-algorithm", algorithm);
                };
        var make = new ArrayList<>(kind);
        make.addAll(List.of("-out", key.toString()));
        Authority.openssl("genpkey", make.toArray(String[]::new));
        Authority.openssl(
                "req",
                "-x509",
                "-new",
                "-key",
                key.toString(),
                "-subj",
                "/CN=x",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-days",
                "30",
                "-out",
                certificate.toString());
        if (form.equals("traditional")) {
            Path written = directory.resolve("traditional.pem");
            Authority.openssl("pkey", "-in", key.toString(), "-traditional", "-out", written.toString());
            key = written;
        }
        Address address = echo(Tls.builder().certificate(certificate, key).build(), "nio");
        Tls client = Tls.builder().authorities(certificate).build();
        try (var connection = Connection.connect(loop(client, "nio"), address)) {
            connection.out().write(7);
            assertThat(connection.in().read()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing | holds no certificate",
                "-----BEGIN CERTIFICATE-----@AAAA@-----END CERTIFICATE----- | cannot be read",
                "-----BEGIN CERTIFICATE-----@????*@-----END CERTIFICATE----- | cannot be read"
            })
    void aFileThatHoldsNoCertificateIsNamed(String text, String expected) throws Exception {
        Path file = Files.writeString(directory.resolve("bad.pem"), text.replace('@', '\n'));
        assertThatThrownBy(() -> Tls.builder().authorities(file).build())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(expected);
        assertThatThrownBy(() -> Tls.builder()
                        .certificate(TestCertificates.certificate(), file)
                        .build())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no private key");
    }

    @Test
    void aPeerThatDoesNotSpeakTlsIsTurnedAwayAndOthersAreNot() throws Exception {
        Address address = echo(server(), "nio");
        try (var peer = RawPeer.connect(address)) {
            peer.send("GET / HTTP/1.0\r\n\r\n");
            peer.receiveToEnd(); // an alert, and the end
        }
        try (var peer = RawPeer.connect(address)) {
            peer.send(new byte[] {22, 3, 1}).shutdownOutput(); // the beginning of a handshake
            peer.receiveToEnd();
        }
        try (var connection = Connection.connect(loop(client(), "nio"), address)) {
            connection.out().write(3);
            assertThat(connection.in().read()).isEqualTo(3);
        }
    }

    @Test
    void anEndWithoutCloseNotifyIsNoEndOfTheStream() throws Exception {
        var proxy = new CuttingProxy(echo(server(), "nio"));
        try (proxy;
                var connection = Connection.connect(loop(client(), "nio"), proxy.address())) {
            connection.out().write("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(connection.in().readNBytes(5)).hasSize(5);
            proxy.cut();
            assertThatThrownBy(() -> connection.in().read())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("close_notify");
        }
        assertThat(bed.census().closedByReason()).containsKey(CloseReason.TRUNCATED);
    }

    /** Python's ssl does this: it closes the socket after it has read our end. */
    @Test
    void anEndWithoutCloseNotifyThatAnswersOurCloseIsNoBrokenConnection() throws Exception {
        EventLoop loop = loop(server(), "nio");
        var at = (Address.Inet) loop.listen("tls://localhost:0", (connection, bytes) -> {
                    connection.send(bytes);
                    connection.close();
                })
                .address();
        try (var plain = new Socket(at.host(), at.port())) {
            var socket = (SSLSocket)
                    TestCertificates.jdkContext().getSocketFactory().createSocket(plain, at.host(), at.port(), false);
            socket.getOutputStream().write(7);
            assertThat(socket.getInputStream().readAllBytes()).containsExactly(7);
        }
        Await.until("it is closed", () -> !bed.census().closedByReason().isEmpty());
        assertThat(bed.census().closedByReason()).containsOnlyKeys(CloseReason.LOCAL);
    }

    @Test
    void openSslIsAClientAsGoodAsOurs() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        Address.Inet address = (Address.Inet) echo(server(), "nio");
        Process client = new ProcessBuilder(
                        "openssl",
                        "s_client",
                        "-connect",
                        "127.0.0.1:" + address.port(),
                        "-servername",
                        "localhost",
                        "-CAfile",
                        TestCertificates.certificate().toString(),
                        "-verify_return_error",
                        "-verify_hostname",
                        "localhost",
                        "-quiet",
                        "-no_ign_eof")
                .redirectErrorStream(true)
                .start();
        client.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().flush();
        var said = new StringBuilder();
        try (var reader = client.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null && !line.equals("hello"); line = reader.readLine()) {
                said.append(line).append('\n');
            }
        } finally {
            client.destroy();
        }
        assertThat(said.toString()).doesNotContain("error").doesNotContain("alert");
    }
}
