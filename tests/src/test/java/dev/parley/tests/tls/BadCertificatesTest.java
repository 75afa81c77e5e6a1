package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.NetworkError;
import dev.parley.net.tls.ChainCheck;
import dev.parley.net.tls.Tls;
import dev.parley.net.tls.TlsException;
import dev.parley.net.tls.TlsException.Reason;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Promises T2 and T3: tests that each bad certificate is refused, and that both sides read which one, and why. */
@Timeout(120)
class BadCertificatesTest {
    private static final String NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1";
    private static final String FOR_SERVERS = "extendedKeyUsage=serverAuth";

    @TempDir
    private static Path directory;

    private static Authority authority;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @BeforeAll
    static void makeAuthority() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        authority = Authority.make(directory, "authority");
    }

    private Address echo(Tls tls) throws Exception {
        EventLoop loop = bed.newLoop(EventLoop.builder().tls(tls));
        return loop.listen("tls://localhost:0", (connection, bytes) -> connection.send(bytes))
                .address();
    }

    private static Tls shows(Authority.Issued issued) throws Exception {
        return Tls.builder().certificate(issued.chain(), issued.key()).build();
    }

    private EventLoop trusting(Path authorities) throws Exception {
        return bed.newLoop(
                EventLoop.builder().tls(Tls.builder().authorities(authorities).build()));
    }

    private TlsException refusal(Tls server, EventLoop client) throws Exception {
        Address address = echo(server);
        ConnectFailedException failed =
                catchThrowableOfType(ConnectFailedException.class, () -> Connection.connect(client, address)
                        .close());
        assertThat(failed.networkError()).isEqualTo(NetworkError.TLS);
        Await.until("the server is told", () -> !bed.census().warnings().isEmpty());
        assertThat(failed).hasMessageStartingWith("cannot connect to " + address + ": ");
        return (TlsException) Objects.requireNonNull(failed.getCause());
    }

    private static Authority.Issued bad(String what) throws Exception {
        return switch (what) {
            case "another name" -> authority.issue("other", 90, "subjectAltName=DNS:example.com", FOR_SERVERS);
            case "the name as its common name alone" -> authority.issue("localhost", 90, FOR_SERVERS);
            case "an address as a host name" -> authority.issue("ip", 90, "subjectAltName=DNS:127.0.0.1", FOR_SERVERS);
            case "a part of a label" -> authority.issue("part", 90, "subjectAltName=DNS:local*", FOR_SERVERS);
            case "every name of a domain" -> authority.issue("wild", 90, "subjectAltName=DNS:*.com", FOR_SERVERS);
            case "ended" -> authority.issue("ended", -1, NAMES, FOR_SERVERS);
            case "for clients" -> authority.issue("client", "clientAuth");
            case "a short key" ->
                authority.issue("short", 90, List.of("-newkey", "rsa:1024", "-nodes"), NAMES, FOR_SERVERS);
            case "a weak signature" -> authority.withDigest("sha1").issue("weak", "serverAuth");
            default -> throw new IllegalArgumentException(what);
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "another name | WRONG_NAME | (for example.com) is not for localhost",
                "the name as its common name alone | WRONG_NAME | (for no name) is not for localhost",
                "an address as a host name | WRONG_NAME | is not for localhost",
                "a part of a label | WRONG_NAME | is not for localhost",
                "every name of a domain | WRONG_NAME | is not for localhost",
                "ended | EXPIRED | has expired on",
                "for clients | BAD_CERTIFICATE | breaks a rule",
                "a short key | BAD_CERTIFICATE | its RSA key has 1024 bits",
                "a weak signature | BAD_CERTIFICATE | uses SHA1withECDSA"
            })
    void aServerWithABadCertificateIsRefused(String what, Reason reason, String words) throws Exception {
        Authority.Issued issued = bad(what);
        TlsException refusal = refusal(shows(issued), trusting(authority.certificate()));
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        assertIsJudgedAlike(issued, refusal);
        assertThat(refusal).hasMessageContaining("the server's certificate CN=").hasMessageContaining(words);
        assertThat(bed.census().warnings())
                .anyMatch(warning -> warning.contains("no TLS connection with tls://")
                        && warning.contains("the client does not accept the certificate of this side"));
    }

    /** Asserts that 'parley cert show' judges a chain as a handshake does. */
    private static void assertIsJudgedAlike(Authority.Issued issued, TlsException refusal) throws Exception {
        ChainCheck check = ChainCheck.trusting(authority.certificate());
        List<X509Certificate> chain = ChainCheck.read(issued.chain());
        TlsException judged = catchThrowableOfType(TlsException.class, () -> check.server(chain, "localhost"));
        assertThat(judged).hasMessage(refusal.getMessage());
        assertThat(judged.reason()).isEqualTo(refusal.reason());
    }

    @Test
    void anIssuerThatIsNotTrustedIsNamed() throws Exception {
        Authority other = Authority.make(directory, "another authority");
        TlsException refusal = refusal(shows(authority.issue("known", "serverAuth")), trusting(other.certificate()));
        assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_ISSUER);
        assertThat(refusal).hasMessageContaining("comes from CN=authority, which this side does not trust");
    }

    @Test
    void aMissingLinkOfTheChainIsSaid() throws Exception {
        Authority between = authority.intermediate("between");
        Authority.Issued issued = between.issue("below", "serverAuth");
        TlsException refusal = refusal(shows(issued), trusting(authority.certificate()));
        assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_ISSUER);
        assertThat(refusal).hasMessageContaining("let the server send its whole chain");

        Path whole = directory.resolve("whole.pem");
        Files.writeString(whole, Files.readString(issued.chain()) + Files.readString(between.certificate()));
        Address address = echo(shows(new Authority.Issued(whole, issued.key())));
        try (var connection = Connection.connect(trusting(authority.certificate()), address)) {
            connection.out().write(1);
            assertThat(connection.in().read()).isEqualTo(1);
        }
    }

    @Test
    void anAuthorityMaySignOnlyForItsNames() throws Exception {
        Authority limited = Authority.make(directory, "limited", "permitted;DNS:example.com");
        TlsException refusal = refusal(
                shows(limited.issue("forged", 90, "subjectAltName=DNS:localhost", FOR_SERVERS)),
                trusting(limited.certificate()));
        assertThat(refusal.reason()).isEqualTo(Reason.BAD_CERTIFICATE);
    }

    /** Connects and reads. A server refuses a certificate when the client believes that it is connected (RFC 8446). */
    private static Throwable readOf(EventLoop client, Address address) {
        return catchThrowableOfType(Throwable.class, () -> {
            try (var connection = Connection.connect(client, address)) {
                connection.in().read();
            }
        });
    }

    @Test
    void aClientWithoutACertificateReadsThatOneIsWanted() throws Exception {
        Authority.Issued own = authority.issue("server", "serverAuth");
        Tls mutual = Tls.builder()
                .certificate(own.chain(), own.key())
                .clientAuthorities(authority.certificate())
                .build();
        Address address = echo(mutual);
        assertThat(readOf(trusting(authority.certificate()), address))
                .hasMessageContaining("the server asks its clients for a certificate");
        Await.until("the server is told", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings()).anyMatch(each -> each.contains("the client has shown no certificate"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unknown | the client's certificate CN=unknown client (for localhost, 127.0.0.1, ::1) comes from",
                "for servers | the client's certificate CN=for servers (for localhost, 127.0.0.1, ::1) breaks a rule"
            })
    void aClientWithABadCertificateIsRefused(String what, String words) throws Exception {
        Authority.Issued own = authority.issue("server", "serverAuth");
        Tls mutual = Tls.builder()
                .certificate(own.chain(), own.key())
                .clientAuthorities(authority.certificate())
                .build();
        Authority.Issued shown = what.equals("unknown")
                ? Authority.make(directory, "unknown").issue("unknown client", "clientAuth")
                : authority.issue(what, "serverAuth");
        Address address = echo(mutual);
        EventLoop client = bed.newLoop(EventLoop.builder()
                .tls(Tls.builder()
                        .authorities(authority.certificate())
                        .certificate(shown.chain(), shown.key())
                        .build()));
        assertThat(readOf(client, address))
                .hasMessageContaining("the server does not accept the certificate of this side");
        Await.until("the server is told", () -> !bed.census().warnings().isEmpty());
        assertThat(bed.census().warnings()).anyMatch(each -> each.contains(words));
    }

    private static Path joined(String name, Path... files) throws Exception {
        Path all = directory.resolve(name);
        var text = new StringBuilder();
        for (Path file : files) {
            text.append(Files.readString(file));
        }
        return Files.writeString(all, text);
    }

    private void assertAccepted(Path chain, Path key, Path trusted) throws Exception {
        Address address = echo(Tls.builder().certificate(chain, key).build());
        Connection.connect(trusting(trusted), address).close();
    }

    /** A peer may send such a certificate for clients that trust an older authority (RFC 8446, section 4.4.2). */
    @Test
    void certificatesThatAPeerSendsBesidesDecideNothing() throws Exception {
        Authority.Issued good = authority.issue("besides", "serverAuth");
        Authority old = Authority.make(directory, "old");
        for (Authority.Issued odd : List.of(
                authority.issue("ended besides", -1, NAMES),
                old.issue("short besides", 90, List.of("-newkey", "rsa:1024", "-nodes"), NAMES),
                old.withDigest("sha1").issue("weak besides", "serverAuth"))) {
            assertAccepted(joined("with besides.pem", good.chain(), odd.chain()), good.key(), authority.certificate());
        }
    }

    @Test
    void aCertificateBesidesIsNotBlamed() throws Exception {
        Authority.Issued good = authority.issue("only localhost", 90, "subjectAltName=DNS:localhost", FOR_SERVERS);
        Authority.Issued ended = Authority.make(directory, "blamed").issue("ended cross", -1, NAMES);
        Path chain = joined("blaming.pem", good.chain(), ended.chain());
        Tls client = Tls.builder()
                .authorities(authority.certificate())
                .serverName("127.0.0.1")
                .build();
        TlsException refusal = refusal(
                Tls.builder().certificate(chain, good.key()).build(),
                bed.newLoop(EventLoop.builder().tls(client)));
        assertThat(refusal.reason()).isEqualTo(Reason.WRONG_NAME);
        assertThat(refusal).hasMessageContaining("CN=only localhost (for localhost) is not for 127.0.0.1; connect by");
    }

    /** The authority is not trusted, so no path leads to one; the additional certificate still decides nothing. */
    @Test
    void aCertificateBesidesIsNotBlamedForAnIssuerThatIsNotTrusted() throws Exception {
        Authority.Issued good = authority.issue("of no one", "serverAuth");
        Authority.Issued ended = Authority.make(directory, "blamed too").issue("ended cross 2", -1, NAMES);
        List<X509Certificate> chain = ChainCheck.read(joined("blaming too.pem", good.chain(), ended.chain()));
        ChainCheck check =
                ChainCheck.trusting(Authority.make(directory, "of others").certificate());
        assertThat(catchThrowableOfType(TlsException.class, () -> check.server(chain, "localhost"))
                        .reason())
                .isEqualTo(Reason.UNKNOWN_ISSUER);
    }

    @Test
    void anAddressAmongTheHostNamesIsExplained() throws Exception {
        Authority.Issued issued = authority.issue("as dns", 90, "subjectAltName=DNS:127.0.0.1", FOR_SERVERS);
        ChainCheck check = ChainCheck.trusting(authority.certificate());
        List<X509Certificate> chain = ChainCheck.read(issued.chain());
        assertThatThrownBy(() -> check.server(chain, "127.0.0.1"))
                .hasMessageContaining("is not for the address 127.0.0.1: it has 127.0.0.1 as a DNS name");
    }

    /** Names with a dot at their end, and names beyond ASCII, are compared as a handshake does it. */
    @Test
    void namesAreComparedAsCertificatesHaveThem() throws Exception {
        Authority.Issued issued =
                authority.issue("names", 90, "subjectAltName=DNS:localhost,DNS:xn--bcher-kva.example", FOR_SERVERS);
        ChainCheck check = ChainCheck.trusting(authority.certificate());
        List<X509Certificate> chain = ChainCheck.read(issued.chain());
        for (String name : List.of("localhost", "localhost.", "b\u00fccher.example", "B\u00dcCHER.example.")) {
            assertThat(ChainCheck.isFor(chain.getFirst(), name)).as(name).isTrue();
        }
        check.server(chain, "localhost.");
        Address address = echo(shows(issued));
        Tls client = Tls.builder()
                .authorities(authority.certificate())
                .serverName("b\u00fccher.example")
                .build();
        Connection.connect(bed.newLoop(EventLoop.builder().tls(client)), address)
                .close();
    }

    /** The name of such a signature does not say its digest. */
    @ParameterizedTest
    @ValueSource(strings = {"sha1", "sha256"})
    void aSignatureInTheNewerFormOfRsaIsJudgedByItsDigest(String digest) throws Exception {
        Path file = directory.resolve("pss-" + digest + ".pem");
        Authority.opensslIfItCan(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                directory.resolve("pss-key.pem").toString(),
                "-out",
                file.toString(),
                "-subj",
                "/CN=pss",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-" + digest,
                "-sigopt",
                "rsa_padding_mode:pss");
        ChainCheck check = ChainCheck.trusting(file);
        List<X509Certificate> chain = ChainCheck.read(file);
        if (digest.equals("sha1")) {
            assertThatThrownBy(() -> check.server(chain, "localhost"))
                    .hasMessageContaining("its signature uses RSASSA-PSS with SHA-1, which can be forged");
        } else {
            check.server(chain, "localhost");
        }
    }

    @Test
    void aLimitIsNotAvoidedByACertificateBesides() throws Exception {
        Authority limited = Authority.make(directory, "limited besides", "permitted;DNS:localhost");
        Authority.Issued forged = limited.issue("forged besides", 90, "subjectAltName=DNS:bank.example", FOR_SERVERS);
        Path chain = joined(
                "avoiding.pem",
                forged.chain(),
                Authority.make(directory, "any other").certificate());
        Tls client = Tls.builder()
                .authorities(limited.certificate())
                .serverName("bank.example")
                .build();
        TlsException refusal = refusal(
                Tls.builder().certificate(chain, forged.key()).build(),
                bed.newLoop(EventLoop.builder().tls(client)));
        assertThat(refusal).hasMessageContaining("its authority may not sign such a certificate");
    }

    /** The issuing authority of a company is limited, and was signed by another one, which is not trusted here. */
    @Test
    void anAuthorityThatAnotherOneHasSignedMayBeTrusted() throws Exception {
        Authority company = Authority.make(directory, "company");
        Authority issuing = company.intermediate("issuing", "nameConstraints=critical,permitted;DNS:localhost");
        Authority.Issued good = issuing.issue("of issuing", 90, "subjectAltName=DNS:localhost", FOR_SERVERS);
        assertAccepted(good.chain(), good.key(), issuing.certificate());
        Path sent = joined("with issuing.pem", good.chain(), issuing.certificate());
        assertAccepted(sent, good.key(), issuing.certificate());
        assertAccepted(sent, good.key(), company.certificate());
        for (String[] order : List.of(new String[] {"company", "issuing"}, new String[] {"issuing", "company"})) {
            Path both = joined("both.pem", directory.resolve(order[0] + ".pem"), directory.resolve(order[1] + ".pem"));
            assertAccepted(good.chain(), good.key(), both);
            Authority.Issued forged = issuing.issue("beyond", 90, "subjectAltName=DNS:bank.example", FOR_SERVERS);
            Tls client =
                    Tls.builder().authorities(both).serverName("bank.example").build();
            assertThat(refusal(shows(forged), bed.newLoop(EventLoop.builder().tls(client))))
                    .hasMessageContaining("its authority may not sign such a certificate");
        }
    }

    /**
     * Two authorities are trusted: a limited one, whose key was stolen, and one that has issued an ordinary certificate
     * to the thief. The stolen key makes an authority of the ordinary certificate's name and key.
     */
    @Test
    void aCertificateThatIsNoAuthorityLeadsNowhere() throws Exception {
        Authority stolen = Authority.make(directory, "stolen", "permitted;DNS:localhost");
        Authority other = Authority.make(directory, "other company");
        Authority.Issued ordinary = other.issue("ordinary", "serverAuth");
        Authority between = stolen.intermediateFor("ordinary", ordinary.key(), "made of ordinary");
        Authority.Issued forged = between.issue("forged below", 90, "subjectAltName=DNS:bank.example", FOR_SERVERS);
        Path chain = joined("two ways.pem", forged.chain(), between.certificate(), ordinary.chain());
        Path trusted = joined("trusted.pem", stolen.certificate(), other.certificate());
        Tls client =
                Tls.builder().authorities(trusted).serverName("bank.example").build();
        TlsException refusal = refusal(
                Tls.builder().certificate(chain, forged.key()).build(),
                bed.newLoop(EventLoop.builder().tls(client)));
        assertThat(refusal).hasMessageContaining("its authority may not sign such a certificate");
    }
}
