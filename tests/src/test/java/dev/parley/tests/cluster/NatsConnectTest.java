package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.DurableLog;
import dev.parley.nats.NatsBusProvider;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.tls.Authority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what a node reports if it cannot connect to its broker, and that it keeps its secrets. */
@Timeout(120)
class NatsConnectTest {
    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private void assertRefused(String address, String... words) {
        assertThatThrownBy(() -> bed.keep(Cluster.connect(address)))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(words)
                .hasMessageNotContaining("null");
    }

    private String file(String text) throws IOException {
        return Files.writeString(directory.resolve("file"), text).toString();
    }

    @Test
    void aListenerThatSaysNothingIsNoBroker() throws Exception {
        try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertRefused(
                    "nats://127.0.0.1:" + listener.getLocalPort(),
                    "what is there says nothing of NATS in time; is the port right?");
        }
    }

    @Test
    void aBrokerWithoutRoomForConnectionsSaysSo() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("-c", file("max_connections: 1\n")));
        bed.keep(Cluster.connect(broker.cluster("c")));
        assertRefused(broker.cluster("c"), "as many connections as it allows", "max_connections");
    }

    @Test
    void aCertificateOfAnUnknownAuthorityNamesTheSetting() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start(
                "--tls",
                "--tlscert",
                TestCertificates.certificate().toString(),
                "--tlskey",
                TestCertificates.key().toString()));
        assertRefused(broker.cluster("c") + "?tls=true", "its certificate is not trusted here", "?ca=FILE");
    }

    @Test
    void aHostThatIsNotThereIsNamed() {
        assertRefused("nats://no-such-host.invalid/c", "its host is not found", "no-such-host.invalid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "nothing of NATS", "-----BEGIN NATS USER JWT-----\nabc\n------END NATS USER JWT------\n"})
    void brokenCredentialsAreNamed(String content) throws Exception {
        String file = file(content);
        assertRefused("nats://127.0.0.1:1/c?credentials=" + file, "the credentials in " + file + " are broken");
    }

    @Test
    void credentialsThatAreNotThereAreNamed() {
        assertRefused("nats://127.0.0.1:1/c?credentials=/no/such/file", "cannot read the credentials in /no/such/file");
    }

    @Test
    void aBrokerWithoutHeadersIsTooOld() throws Exception {
        for (String headers : List.of("\"headers\":false,", "")) {
            try (var broker = new FakeBroker(FakeBroker.INFO.replace("\"headers\":true,", headers))) {
                assertRefused(broker.cluster(), "it is too old");
            }
        }
    }

    @Test
    void aBrokerWhoseSuccessorHasNoHeadersIsWarnedOfAndGetsNoRequests() throws Exception {
        try (var broker = new FakeBroker(FakeBroker.INFO)) {
            var warnings = new WarningsObserver();
            ClusterBus bus = bed.keep(new NatsBusProvider().connect(URI.create(broker.cluster()), warnings));
            broker.says(FakeBroker.INFO.replace("\"headers\":true,", ""));
            broker.send("garbage\r\n");
            Await.until("it is warned of", () -> warnings.count("it is too old") == 1);
            assertThatThrownBy(() -> bus.request("echo", BusBed.request())
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(ClusterException.class, e -> assertThat(e.reason())
                            .isEqualTo(ClusterException.Reason.NOT_SENT));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nats://ann:s3cr et@host/c",
                "nats://ann:s3cret%@host/c",
                "http://ann:s3cret@host/c",
                "//ann:s3cret@host/c",
                "nats://ann:s3cret@ho_st/c",
                "nats://ann:s3cret@host:99999/c",
                "nats://ann:s3cret@host/c?x=1",
                "nats://ann:s3cret@[::g]/c",
                "nats://ann:s3cret@/c",
                "nats://ann:s3cret@host,/c",
                "nats://ann:s3cret@host,ho_st/c",
                "nats://ann:s3cret@host,ann:s3cret@other/c",
                "nats://ann:s3cret@127.0.0.1:1/c"
            })
    void noFailureRepeatsThePassword(String address) {
        for (Throwable each = catchThrowable(() -> Cluster.connect(address)); each != null; each = each.getCause()) {
            assertThat(each).message().isNotBlank();
            assertThat(each.toString()).doesNotContain("s3c", "ret");
        }
    }

    @Test
    void aHostWithAnUnderscoreIsNamedByIt() {
        assertThatThrownBy(() -> Cluster.connect("nats://my_host:4222/c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its host has a '_'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats://[::1]:4222,[::1]:4223/c", "nats://host,[::1]/c", "nats://[::1],host/c"})
    void aListOfBrokersSaysThatItTakesNoIpv6Address(String address) {
        assertThatThrownBy(() -> Cluster.connect(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no host can be an IPv6 address; name that broker");
    }

    /** jnats takes them in any order, so this must be true whichever it tries first. */
    @Test
    void ofSeveralBrokersOneMayBeAway() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("--user", "ann", "--pass", "a,b"));
        String list = "nats://ann:a%2Cb@127.0.0.1:1,127.0.0.1:" + broker.port() + ",localhost:" + broker.port() + "/c";
        for (int i = 0; i < 4; i++) {
            assertThat(bed.keep(Cluster.connect(list)).isConnected()).isTrue();
        }
    }

    @Test
    void aNodeGoesOnWithTheOtherBrokerOfItsList() throws Exception {
        int routes = NatsServer.freePort();
        String seed = "nats://127.0.0.1:" + routes;
        NatsServer one = bed.keep(NatsServer.start("--cluster_name", "b", "--cluster", seed));
        String own = "nats://127.0.0.1:" + NatsServer.freePort();
        NatsServer other = bed.keep(NatsServer.start("--cluster_name", "b", "--cluster", own, "--routes", seed));
        String list = "nats://127.0.0.1:" + one.port() + ",127.0.0.1:" + other.port() + "/c";
        bed.keep(bed.server()
                .cluster(bed.keep(Cluster.connect(list)))
                .on("echo", request -> request)
                .listen("tcp://localhost:0"));
        Client client = bed.keep(Client.connect(
                bed.keep(bed.server().cluster(bed.keep(Cluster.connect(list))).listen("tcp://localhost:0"))
                        .address()));
        Await.until("requests pass", () -> ClusterBed.passes(client));
        one.kill();
        Await.until("requests pass again", () -> ClusterBed.passes(client));
    }

    @Test
    void ifNoBrokerOfTheListIsThereAllAreNamed() {
        assertRefused(
                "nats://127.0.0.1:1,127.0.0.1:2/c",
                "cannot connect to a NATS server of nats://127.0.0.1:1, nats://127.0.0.1:2",
                "is it started");
    }

    @Test
    void aTokenIsEnough() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("--auth", "s3cr/et:1"));
        String address = broker.cluster("c").replace("//", "//s3cr%2Fet%3A1@");
        assertThat(bed.keep(Cluster.connect(address)).isConnected()).isTrue();
        assertRefused(broker.cluster("c").replace("//", "//another@"), "refuses us");
    }

    @Test
    void aBrokerMayVerifyTheCertificateOfANode() throws Exception {
        Authority authority = Authority.make(directory, "authority");
        Authority.Issued server = authority.issue(
                "broker", 90, "subjectAltName=DNS:localhost,IP:127.0.0.1", "extendedKeyUsage=serverAuth");
        Authority.Issued node = authority.issue("node", 90, "subjectAltName=DNS:node", "extendedKeyUsage=clientAuth");
        NatsServer broker = bed.keep(NatsServer.start(
                "--tlsverify",
                "--tlscert",
                server.chain().toString(),
                "--tlskey",
                server.key().toString(),
                "--tlscacert",
                authority.certificate().toString()));
        String trusting = broker.cluster("c") + "?ca=" + authority.certificate();
        assertRefused(trusting, "it asks for a certificate of this node", "cert=FILE");
        assertThat(bed.keep(Cluster.connect(trusting + "&cert=" + node.chain() + "&key=" + node.key()))
                        .isConnected())
                .isTrue();
        Path both = directory.resolve("both.pem");
        Files.writeString(both, Files.readString(node.chain()) + Files.readString(node.key()));
        Files.setPosixFilePermissions(both, PosixFilePermissions.fromString("rw-------"));
        assertThat(bed.keep(Cluster.connect(trusting + "&cert=" + both)).isConnected())
                .isTrue();
        Authority.Issued other = Authority.make(directory, "other").issue("stranger", "clientAuth");
        String untrusted = trusting + "&cert=" + other.chain() + "&key=" + other.key();
        assertRefused(untrusted, "it does not accept the certificate of this node");
        assertRefused(trusting + "&cert=/no/such.pem", "/no/such.pem");
        assertRefused(
                trusting + "&cert=" + node.chain() + "&key=" + server.key(), "does not belong to the certificate");
    }

    @Test
    void aCommandReadsTheAddressFromAFile() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("--user", "ann", "--pass", "s3cret"));
        String file = file(broker.cluster("c").replace("//", "//ann:s3cret@") + "\nmore\n");
        try (var programs = new Programs()) {
            Programs.Running server = programs.parley("app", "server", "tcp://127.0.0.1:0", "--cluster", "@" + file);
            assertThat(server.firstLine()).startsWith("listening on ");
            Programs.Running absent = programs.parley("app", "server", "tcp://127.0.0.1:0", "--cluster", "@/no/file");
            assertThat(absent.exitCode()).isEqualTo(2);
            assertThat(absent.err()).contains("--cluster: cannot read /no/file: there is no such file");
        }
    }

    @Test
    void usersAndPasswordsMayHaveAnyCharacters() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start("--user", "an:n", "--pass", "a+b:c@d"));
        String address = broker.cluster("c").replace("//", "//an%3An:a+b:c%40d@");
        assertThat(bed.keep(Cluster.connect(address)).isConnected()).isTrue();
    }

    @Test
    void theFileOfAuthoritiesMayHaveAPlusInItsName() throws Exception {
        Path certificate = Files.copy(TestCertificates.certificate(), directory.resolve("a+b.pem"));
        NatsServer broker = bed.keep(NatsServer.start(
                "--tls",
                "--tlscert",
                certificate.toString(),
                "--tlskey",
                TestCertificates.key().toString()));
        assertThat(bed.keep(Cluster.connect(broker.cluster("c") + "?ca=" + certificate))
                        .isConnected())
                .isTrue();
    }

    private ClusterBus busOf(NatsServer broker, WarningsObserver warnings) throws IOException {
        String address = broker.cluster("shop").replace("//", "//parley:secret@");
        return bed.keep(new NatsBusProvider().connect(URI.create(address), warnings));
    }

    /** The settings are those of docs/scaling.md. */
    @Test
    void theDocumentedPermissionsAreEnoughAndOthersAreDenied() throws Exception {
        Matcher settings = Pattern.compile("```text\n(accounts [^`]*)```")
                .matcher(Files.readString(Path.of("../docs/scaling.md")));
        assertThat(settings.find()).isTrue();
        String file = file("jetstream { store_dir: \"" + directory + "\" }\n" + settings.group(1));
        NatsServer broker = bed.keep(NatsServer.start("-c", file));
        var warnings = new WarningsObserver();
        ClusterBus first = busOf(broker, warnings);
        ClusterBus second = busOf(broker, warnings);
        bed.keep(first.offer(List.of(BusBed.call("echo", "String")), new BusBed.Echo())::withdraw);
        assertThat(second.request("echo", BusBed.request())
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .text())
                .isEqualTo("x");
        Await.until("the offer is heard", () -> second.isCall("echo"));
        assertThatThrownBy(() -> second.offer(List.of(BusBed.call("echo", "Integer")), new BusBed.Echo()))
                .hasMessageContaining("another node offers 'echo'");
        var arrived = new CountDownLatch(1);
        first.subscribe("news", value -> arrived.countDown());
        Await.until("a value arrives", () -> publishes(second) && arrived.getCount() == 0);
        DurableLog log = bed.keep(second.log("orders", Duration.ofDays(1), 1_000_000));
        var read = new CountDownLatch(1);
        bed.keep(log.read("billing", value -> read.countDown()));
        log.append(Message.text("x")).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(read.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(warnings.toString()).isEqualTo("[]");
        ClusterBus elsewhere = bed.keep(new NatsBusProvider()
                .connect(URI.create(broker.cluster("other").replace("//", "//parley:secret@")), warnings));
        elsewhere.subscribe("news", value -> {});
        Await.until(
                "each denied subject is warned of",
                () -> warnings.count("its permissions deny this node what a cluster needs") >= 2);
    }

    private static boolean publishes(ClusterBus bus) {
        try {
            bus.publish("news", Message.text("x"));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
