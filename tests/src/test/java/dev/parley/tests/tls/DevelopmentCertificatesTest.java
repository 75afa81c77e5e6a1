package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.tests.bed.ChildJvm;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the command {@code parley cert}, and what other programs print about its certificates. */
@Timeout(180)
class DevelopmentCertificatesTest {
    /** The clients, and how each accepts the server at port {1} of localhost, by the authority {0}. */
    private static final Map<String, List<String>> CLIENTS = Map.of(
            "openssl",
            List.of(
                    "sh",
                    "-c",
                    "echo x | openssl s_client -connect 127.0.0.1:$2 -servername $3 -verify_hostname $3 -CAfile $1"
                            + " -verify_return_error -brief"),
            "curl",
            List.of("sh", "-c", "curl -sS --max-time 20 --cacert $1 --connect-to $3:443:127.0.0.1:$2 https://$3/"),
            "python",
            List.of("python3", "-c", """
                    import socket, ssl, sys
                    context = ssl.create_default_context(cafile=sys.argv[1])
                    with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as s:
                        context.wrap_socket(s, server_hostname=sys.argv[3]).close()
                    """),
            "node",
            List.of("node", "-e", """
                    const [ca, port, host] = process.argv.slice(1);
                    const s = require("tls").connect({port, host: "127.0.0.1", servername: host,
                        ca: require("fs").readFileSync(ca)}, () => process.exit(0));
                    s.on("error", e => { console.log(e.message); process.exit(1); });
                    """),
            "chromium",
            List.of("sh", "-c", """
                    HOME=$(mktemp -d) && export HOME && trap 'rm -rf "$HOME"' EXIT
                    mkdir -p "$HOME/.pki/nssdb" && certutil -d "sql:$HOME/.pki/nssdb" -N --empty-password &&
                    certutil -d "sql:$HOME/.pki/nssdb" -A -t C,, -n parley -i "$1" || exit 2
                    shown=$(timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-background-networking \
                        --enable-logging=stderr --host-resolver-rules="MAP $3:443 127.0.0.1:$2" \
                        --dump-dom "https://$3/" 2>&1)
                    printf '%s\n' "$shown"
                    case $shown in *net::ERR_*) exit 1 ;; *'<body></body>'*) exit 0 ;; esac
                    exit 2
                    """));

    /** The words of a client for a name that the authority may not sign. */
    private static final Map<String, String> REFUSALS = Map.of("chromium", "net::ERR_CERT_INVALID");

    @TempDir
    private static Path data;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private record Outcome(int status, String said) {}

    @BeforeAll
    static void make() throws Exception {
        Outcome made = parley("cert");
        assertThat(made.status()).as(made.said()).isZero();
        assertThat(made.said()).startsWith("made ca, server, client in " + directory() + "\n");
    }

    private static Path directory() {
        return data.resolve("parley/tls");
    }

    private static Outcome parley(String... arguments) throws Exception {
        return run(
                Stream.concat(ChildJvm.command().stream(), Stream.of(arguments)).toList());
    }

    private static Outcome run(List<String> command) throws Exception {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("XDG_DATA_HOME", data.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }

    private Address serve(Path certificate, Path key) throws Exception {
        Tls tls = Tls.builder().certificate(certificate, key).build();
        return bed.newLoop(EventLoop.builder().tls(tls))
                .listen("tls://127.0.0.1:0", (connection, bytes) -> {
                    connection.send("HTTP/1.0 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    connection.close();
                })
                .address();
    }

    @Test
    void asItStandsNothingIsMadeAnew() throws Exception {
        byte[] before = Files.readAllBytes(directory().resolve("server.pem"));
        assertThat(parley("cert").said()).startsWith("nothing to do");
        assertThat(Files.readAllBytes(directory().resolve("server.pem"))).isEqualTo(before);
        try (var files = Files.list(directory())) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".pem")).toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void whatIsMissingOrBrokenIsMadeAnewAndTheAuthorityStays() throws Exception {
        byte[] authority = Files.readAllBytes(directory().resolve("ca.pem"));
        Files.delete(directory().resolve("server.pem"));
        Files.writeString(directory().resolve("client.pem"), "half of a cert");
        assertThat(parley("cert", "--json").said()).startsWith("{\"made\": [\"server\", \"client\"], ");
        assertThat(Files.readAllBytes(directory().resolve("ca.pem"))).isEqualTo(authority);
        assertThat(parley("cert", "show", directory().resolve("server.pem").toString())
                        .status())
                .isZero();
    }

    /** A run that ended between the two files leaves such a pair. */
    @Test
    void aKeyOfAnotherCertificateIsMadeAnew() throws Exception {
        Files.copy(
                directory().resolve("client-key.pem"),
                directory().resolve("server-key.pem"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(parley("cert", "--json").said()).startsWith("{\"made\": [\"server\"], ");
        serve(directory().resolve("server.pem"), directory().resolve("server-key.pem"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "curl", "python", "node", "chromium"})
    void otherProgramsAcceptItForLocalhostAndForNoOtherName(String program) throws Exception {
        assumeTrue(Usable.isInstalled(program.equals("python") ? "python3" : program), program + " is not installed");
        assumeTrue(!program.equals("chromium") || Usable.isInstalled("certutil"), "certutil is not installed");
        Address own = serve(directory().resolve("server.pem"), directory().resolve("server-key.pem"));
        Outcome accepted = run(commandOf(program, own, "localhost"));
        assertThat(accepted.status()).as(program + ": " + accepted.said()).isZero();

        Authority.Issued forged = forged();
        Outcome refused = run(commandOf(program, serve(forged.chain(), forged.key()), "example.com"));
        assertThat(refused.status()).as(program + ": " + refused.said()).isNotZero();
        assertThat(refused.said())
                .as(program)
                .containsIgnoringCase(REFUSALS.getOrDefault(program, "permitted subtree violation"));
    }

    @Test
    void ourClientAcceptsItForLocalhostAndForNoOtherName() throws Exception {
        Address own = serve(directory().resolve("server.pem"), directory().resolve("server-key.pem"));
        Tls.Builder trusting = Tls.builder().authorities(directory().resolve("ca.pem"));
        Connection.connect(bed.newLoop(EventLoop.builder().tls(trusting.build())), own)
                .close();
        Authority.Issued forged = forged();
        Address at = serve(forged.chain(), forged.key());
        EventLoop loop = bed.newLoop(
                EventLoop.builder().tls(trusting.serverName("example.com").build()));
        Assertions.assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> Connection.connect(loop, at))
                .withMessageContaining("its authority may not sign such a certificate");
    }

    /** Issues a certificate for example.com, as a thief of the authority's key could. */
    private static Authority.Issued forged() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        return Authority.in(directory(), "ca")
                .issue("forged", 90, "subjectAltName=DNS:example.com", "extendedKeyUsage=serverAuth");
    }

    private static List<String> commandOf(String program, Address server, String host) {
        var command = new ArrayList<>(CLIENTS.getOrDefault(program, List.of()));
        if (command.getFirst().equals("sh")) {
            command.add("sh"); // the name of the script
        }
        command.add(directory().resolve("ca.pem").toString());
        command.add(Integer.toString(((Address.Inet) server).port()));
        command.add(host);
        return command;
    }

    @Test
    void aChainIsExplained() throws Exception {
        Address own = serve(directory().resolve("server.pem"), directory().resolve("server-key.pem"));
        Outcome good = parley("cert", "show", own.toString());
        assertThat(good.said())
                .contains("1. CN=Parley development server")
                .containsPattern("for +localhost, .*127\\.0\\.0\\.1, ::1\n")
                .contains("days left)")
                .contains("Nothing is wrong with it.");
        assertThat(good.status()).isZero();
        Authority.Issued forged = forged();
        Outcome bad = parley("cert", "show", serve(forged.chain(), forged.key()).toString());
        assertThat(bad.status()).isEqualTo(1);
        assertThat(bad.said())
                .contains("its authority may not sign such a certificate")
                .contains("the first certificate is not for 127.0.0.1");
        for (String file : List.of("ca.pem", "server.pem", "client.pem")) {
            Outcome shown = parley("cert", "show", directory().resolve(file).toString());
            assertThat(shown.said()).as(file).contains("Nothing is wrong with it.");
            assertThat(shown.status()).as(file).isZero();
        }
        assertThat(parley("cert", "show", "tcp://localhost:1").status()).isEqualTo(2);
        Outcome missing =
                parley("cert", "show", directory().resolve("server.pem").toString(), "--tls-ca", "no-such-file");
        assertThat(missing.said()).isEqualTo("parley: cannot read no-such-file: there is no such file\n");
        assertThat(missing.status()).isEqualTo(1);
    }

    @Test
    void aNameThatIsNotTextIsSaidToBeOfAnotherKind() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        String names = "subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:ann@example.com,DNS:localhost";
        Authority.Issued issued = Authority.in(directory(), "ca").issue("user", 90, names);
        assertThat(parley("cert", "show", issued.chain().toString()).said())
                .containsPattern("for +a name of another kind, localhost\n");
    }

    /** A server may show a certificate that may also sign, as a certificate that signs itself often may. */
    @Test
    void theNamesOfAnAuthorityAreShownToo() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        Authority own = Authority.in(directory(), "ca").intermediate("own", "subjectAltName=DNS:own.example");
        assertThat(parley("cert", "show", own.certificate().toString()).said())
                .contains("1. CN=own, an authority")
                .containsPattern("for +own\\.example\n");
    }

    /**
     * The names are an address with its mask, which is for the certificates of authorities, and a name with a line
     * feed.
     */
    @Test
    void namesThatAreNoneAreShownOnOneLine() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        String names = "subjectAltName=DER:3017" + "87080a000000ff000000" + "820b610a622e6578616d706c65";
        Authority.Issued issued = Authority.in(directory(), "ca").issue("odd names", 90, names);
        assertThat(parley("cert", "show", issued.chain().toString()).said())
                .containsPattern("for +10\\.0\\.0\\.0/255\\.0\\.0\\.0, a\\\\u000ab\\.example\n");
    }

    /** The command only shows what the server has, so the connection need not be safe. */
    @Test
    void theChainOfAServerWithTls12AloneIsShownToo() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        var server = new ProcessBuilder(
                        "openssl",
                        "s_server",
                        "-tls1_2",
                        "-www",
                        "-accept",
                        "127.0.0.1:0",
                        "-cert",
                        "server.pem",
                        "-key",
                        "server-key.pem")
                .directory(directory().toFile())
                .redirectErrorStream(true)
                .start();
        try (var said = server.inputReader()) {
            String line = said.readLine();
            while (line != null && !line.startsWith("ACCEPT ")) {
                line = said.readLine();
            }
            String port = String.valueOf(line).replaceFirst(".*:", "");
            assertThat(parley("cert", "show", "tls://127.0.0.1:" + port).said())
                    .contains("1. CN=Parley development server")
                    .contains("Nothing is wrong with it.");
        } finally {
            server.destroyForcibly();
        }
    }
}
