package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import dev.parley.net.tls.ChainCheck;
import dev.parley.net.tls.Tls;
import dev.parley.net.tls.TlsException;
import dev.parley.net.tls.TlsException.Reason;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of TLS, and what becomes of them while a server runs. */
@Timeout(120)
class TlsSettingsTest {
    private static final String FOR_SERVERS = "extendedKeyUsage=serverAuth";

    @TempDir
    private static Path directory;

    private static Authority authority;
    private static Authority.Issued own;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @BeforeAll
    static void makeAuthority() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        authority = Authority.make(directory, "authority");
        own = authority.issue("own", "serverAuth");
    }

    private Address echo(Tls tls) throws Exception {
        return bed.newLoop(EventLoop.builder().tls(tls))
                .listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address();
    }

    private static Tls.Builder client() {
        return Tls.builder().authorities(authority.certificate());
    }

    private static Tls.Builder server() {
        return Tls.builder().certificate(own.chain(), own.key());
    }

    private void exchange(EventLoop loop, Address address) throws Exception {
        try (var connection = Connection.connect(loop, address)) {
            connection.out().write(5);
            assertThat(connection.in().read()).isEqualTo(5);
        }
    }

    private EventLoop loop(Tls.Builder settings) throws Exception {
        return bed.newLoop(EventLoop.builder().tls(settings.build()));
    }

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
    void aPasswordOpensAnEncryptedKeyAndAKeyStore() throws Exception {
        Path encrypted = directory.resolve("encrypted.pem");
        Authority.openssl(
                "pkcs8",
                "-topk8",
                "-in",
                own.key().toString(),
                "-passout",
                "pass:secret",
                "-out",
                encrypted.toString());
        Path store = directory.resolve("store.p12");
        Authority.openssl(
                "pkcs12",
                "-export",
                "-in",
                own.chain().toString(),
                "-inkey",
                own.key().toString(),
                "-passout",
                "pass:secret",
                "-out",
                store.toString());
        for (Path each : List.of(encrypted, store)) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-------"));
        }
        exchange(
                loop(client()),
                echo(Tls.builder().certificate(own.chain(), encrypted, "secret").build()));
        exchange(loop(client()), echo(Tls.builder().pkcs12(store, "secret").build()));
        assertThatThrownBy(
                        () -> Tls.builder().certificate(own.chain(), encrypted).build())
                .hasMessage("the key in " + encrypted + " is encrypted, and no password was given");
        assertThatThrownBy(() -> Tls.builder()
                        .certificate(own.chain(), encrypted, "wrong")
                        .build())
                .hasMessageContaining("is the password right?");
        assertThatThrownBy(() -> Tls.builder().pkcs12(store, "wrong").build())
                .hasMessageContaining("is the password right?");
    }

    @Test
    void aPairThatDoesNotFitAndAKeyThatAllCanReadAreRefused() throws Exception {
        Authority.Issued other = authority.issue("other pair", "serverAuth");
        assertThatThrownBy(() ->
                        Tls.builder().certificate(own.chain(), other.key()).build())
                .hasMessageContaining("does not belong to the certificate CN=own");
        Path open = Files.copy(own.key(), directory.resolve("open.pem"), StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> Tls.builder().certificate(own.chain(), open).build())
                .hasMessageContaining("run chmod 600 " + open);
        Path missing = directory.resolve("missing.pem");
        assertThatThrownBy(() -> Tls.builder().certificate(missing, missing).build())
                .hasMessage("cannot read " + missing + ": there is no such file");
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

    @Test
    void aCertificateThatEndsSoonIsToldOnce() throws Exception {
        Authority.Issued ending = ending("ending");
        Tls tls = Tls.builder().certificate(ending.chain(), ending.key()).build();
        Address address = echo(tls);
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        for (int i = 0; i < 3; i++) {
            exchange(loop(Tls.builder().authorities(ending.chain())), address);
        }
        assertIsToldOfItsEnd();
    }

    /** A certificate of 90 days, of which five are left. */
    private static Authority.Issued ending(String name) throws Exception {
        Path made = TestCertificates.another(Files.createDirectory(directory.resolve(name)), "-84d");
        return new Authority.Issued(made.resolve("certificate.pem"), made.resolve("key.pem"));
    }

    private void assertIsToldOfItsEnd() {
        assertThat(bed.census().warnings())
                .singleElement()
                .asString()
                .contains("CN=other")
                .contains("in 5 days: renew it");
    }

    /** It may have no second handshake. */
    @Test
    void aClientIsToldAtItsFirstHandshakeThatItsCertificateEndsSoon() throws Exception {
        Authority.Issued ending = ending("ending client");
        Address address = echo(server().build());
        exchange(loop(client().certificate(ending.chain(), ending.key())), address);
        Await.until("it is told", () -> !bed.census().warnings().isEmpty());
        assertIsToldOfItsEnd();
    }

    @Test
    void aServerWithoutHandshakesIsToldOfItsCertificateAllTheSame() throws Exception {
        Path chain = directory.resolve("standing.pem");
        Path key = directory.resolve("standing-key.pem");
        own.replace(chain, key);
        var ticker = new ManualTicker();
        EventLoop server = bed.newLoop(EventLoop.builder()
                .ticker(ticker)
                .tls(Tls.builder().certificate(chain, key).build()));
        server.listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes));
        ending("standing").replace(chain, key);
        Await.until("it is told", () -> {
            ticker.advance(Duration.ofHours(1));
            return !bed.census().warnings().isEmpty();
        });
        assertIsToldOfItsEnd();
    }

    private static String path(String name) {
        return directory.resolve(name).toString();
    }

    private static Path onlyForOwner(Path file) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aKeyStoreWithoutAPairIsRefused() throws Exception {
        Path keyAlone = directory.resolve("key-alone.p12");
        Authority.openssl(
                "pkcs12",
                "-export",
                "-nocerts",
                "-inkey",
                own.key().toString(),
                "-passout",
                "pass:secret",
                "-out",
                keyAlone.toString());
        Path trusted = store("trusted.p12", false);
        for (Path each : List.of(keyAlone, trusted)) {
            assertThatThrownBy(() -> Tls.builder().pkcs12(each, "secret").build())
                    .isInstanceOf(IOException.class)
                    .hasMessage(each + " holds no private key with its certificate");
        }
    }

    @Test
    void aKeyStoreMayHoldAuthoritiesBesidesThePair() throws Exception {
        Tls tls = Tls.builder().pkcs12(store("both.p12", true), "secret").build();
        exchange(loop(client()), echo(tls));
    }

    /** Makes a store with a trusted certificate, and a pair if that is wanted. */
    private static Path store(String name, boolean withPair) throws Exception {
        char[] password = "secret".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("a", ChainCheck.read(authority.certificate()).getFirst());
        if (withPair) {
            Certificate certificate = ChainCheck.read(own.chain()).getFirst();
            byte[] key =
                    Base64.getMimeDecoder().decode(Files.readString(own.key()).replaceAll("-----[^-]*-----", ""));
            store.setKeyEntry(
                    "b",
                    KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
                    password,
                    new Certificate[] {certificate});
        }
        Path file = directory.resolve(name);
        try (var out = Files.newOutputStream(file)) {
            store.store(out, password);
        }
        return onlyForOwner(file);
    }

    /** The first block is whole, and the file most likely is being written. */
    @Test
    void aFileThatIsCutInItsSecondBlockIsRefused() throws Exception {
        Path cut = directory.resolve("cut.pem");
        String second = Files.readString(authority.certificate());
        for (int end : List.of(11, 20, 40, second.length() / 2, second.length() - 3)) {
            Files.writeString(cut, Files.readString(own.chain()) + second.substring(0, end));
            assertThatThrownBy(() -> Tls.builder().certificate(cut, own.key()).build())
                    .as("after %d characters", end)
                    .hasMessageContaining(cut + " holds a block that is cut off or cannot be read, number 2");
            assertThatThrownBy(() -> Tls.builder().authorities(cut).build())
                    .hasMessageContaining("holds a block that is cut off");
        }
        Files.writeString(cut, "0: our chain\n" + Files.readString(own.chain()).strip() + second);
        Tls.builder().certificate(cut, own.key()).authorities(cut).build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ec -aes256 -in own-key.pem", // the form before PKCS#8
                "pkcs8 -topk8 -v2 des3 -in own-key.pem",
                "pkcs8 -topk8 -v2 aes-192-cbc -in own-key.pem",
                "pkcs8 -topk8 -v2 camellia-256-cbc -in own-key.pem",
                "pkcs8 -topk8 -scrypt -in own-key.pem"
            })
    void aKeyThatIsEncryptedInAnUnknownWayIsExplained(String command) throws Exception {
        Path file = directory.resolve("other-way.pem");
        Files.deleteIfExists(file);
        var arguments = new ArrayList<>(
                List.of(command.replace("own-key.pem", path("own-key.pem")).split(" ")));
        arguments.addAll(List.of("-passout", "pass:secret", "-out", file.toString()));
        Authority.openssl(arguments.getFirst(), arguments.stream().skip(1).toArray(String[]::new));
        onlyForOwner(file);
        assertThatThrownBy(() ->
                        Tls.builder().certificate(own.chain(), file, "secret").build())
                .isInstanceOf(IOException.class)
                .hasMessage("the key in " + file + " is encrypted in a way that Java cannot read; run openssl pkcs8"
                        + " -topk8 -v2 aes-256-cbc -in " + file + " -out NEW, and name the new file");
    }

    /** As a shell passes the output of another command: {@code <(vault …)}. */
    @Test
    void aPipeIsReadOnce() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        String pair = Files.readString(own.chain()) + Files.readString(own.key());
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> write(pipe, pair));
        Tls tls = Tls.builder().certificate(pipe, pipe).build();
        written.get(60, TimeUnit.SECONDS);
        Address address = echo(tls);
        exchange(loop(client()), address);
        exchange(loop(client()), address);
        assertThat(bed.census().warnings()).isEmpty();
    }

    private static void write(Path pipe, String text) {
        try {
            Files.writeString(pipe, text, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    /** The names of a network of containers, and absolute names. */
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
