package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Haproxy;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code parley health} and HAProxy, with servers in processes of their own. */
@Timeout(120)
class HealthCommandTest {
    private static final Message SEARCH = Message.json("{\"action\": \"search\", \"value\": \"ring\"}");

    private final Programs programs = new Programs();

    @TempDir
    private Path directory;

    @AfterEach
    void endPrograms() {
        programs.close();
    }

    private Programs.Running server(String... more) throws Exception {
        var all = new ArrayList<>(List.of("app", "server", "tcp://127.0.0.1:0", "--drain-delay", "8s"));
        all.addAll(List.of(more));
        return programs.parley(all.toArray(String[]::new));
    }

    private Programs.Running health(String... args) throws Exception {
        var all = new ArrayList<>(List.of("health"));
        all.addAll(List.of(args));
        return programs.parley(all.toArray(String[]::new));
    }

    @Test
    void theStatusTellsTheState() throws Exception {
        Programs.Running server = server();
        String address = Programs.addressOf(server);
        Programs.Running serving = health(address);
        assertThat(serving.exitCode()).isZero();
        assertThat(serving.out()).isEqualTo("serving\n");
        server.process.destroy();
        Await.until("the server says that it drains", () -> {
            try {
                Programs.Running draining = health(address);
                return draining.exitCode() == 1 && draining.out().equals("draining\n");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        Programs.Running nowhere = health("tcp://127.0.0.1:1");
        assertThat(nowhere.exitCode()).isEqualTo(3);
        assertThat(nowhere.err()).contains("connection refused");
        Programs.Running wrong = health("127.0.0.1");
        assertThat(wrong.exitCode()).isEqualTo(2);
    }

    /** During the delay the draining server serves, so that no one notices that HAProxy takes it out. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void haproxyTakesOutTheServerThatDrainsAndNoRequestFails(boolean sendsProxy) throws Exception {
        String[] more = sendsProxy ? new String[] {"--proxy-protocol-from", "127.0.0.1"} : new String[0];
        Programs.Running first = server(more);
        Programs.Running second = server(more);
        var asked = new ArrayList<>(List.of("--haproxy", Programs.addressOf(first), Programs.addressOf(second)));
        if (sendsProxy) {
            asked.add("--send-proxy");
        }
        Programs.Running printed = health(asked.toArray(String[]::new));
        assertThat(printed.exitCode()).isZero();
        var sections = new ArrayList<>(printed.out().lines().toList());
        sections.addAll(List.of("frontend front", "    bind 127.0.0.1:PORT", "    default_backend parley"));
        try (Haproxy haproxy = Haproxy.start(directory, sections)) {
            Await.until("both are up", () -> isUp(haproxy, 1) && isUp(haproxy, 2));
            search(haproxy);
            first.process.destroy();
            Await.until("the first is taken out", () -> {
                search(haproxy);
                return haproxy.statusOf("parley1").startsWith("DOWN");
            });
            assertThat(first.process.isAlive()).isTrue();
            assertThat(isUp(haproxy, 2)).isTrue();
            assertThat(first.exitCode()).isEqualTo(143);
            for (int i = 0; i < 20; i++) {
                search(haproxy);
            }
        }
    }

    /** Starts a server that wants certificates of its clients. Clients show its own certificate, too. */
    private Programs.Running serverThatWantsCertificates() throws Exception {
        return programs.parley(
                "app",
                "server",
                "tls://127.0.0.1:0",
                "--http-health",
                "--drain-delay",
                "8s",
                "--tls-cert",
                TestCertificates.certificate().toString(),
                "--tls-key",
                TestCertificates.key().toString(),
                "--tls-client-ca",
                TestCertificates.certificate().toString());
    }

    /** Makes the one file with the certificate and the key that HAProxy wants, in a directory with a blank. */
    private Path certificateAndKey() throws IOException {
        Path file = Files.createDirectories(directory.resolve("a b")).resolve("both.pem");
        Files.writeString(
                file, Files.readString(TestCertificates.certificate()) + Files.readString(TestCertificates.key()));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void theHealthIsToldOverTls() throws Exception {
        String address = Programs.addressOf(serverThatWantsCertificates());
        String certificate = certificateAndKey().toString();
        String authority = TestCertificates.certificate().toString();
        Programs.Running serving = health(address, "--tls-ca", authority, "--tls-cert", certificate);
        assertThat(serving.exitCode()).as(serving.err()).isZero();
        assertThat(serving.out()).isEqualTo("serving\n");
        Programs.Running withoutCertificate = health(address, "--tls-ca", authority);
        assertThat(withoutCertificate.exitCode()).isNotZero();
    }

    @Test
    void theOptionAnswersHttpOnThePortOfTheMessages() throws Exception {
        Programs.Running server = server("--http-health");
        String place = Programs.addressOf(server).replace("tcp://", "");
        assertThat(statusOf(place)).isEqualTo(200);
        server.process.destroy();
        Await.until("the server says that it drains", () -> statusOf(place) == 503);
        assertThat(server.process.isAlive()).isTrue();
        Programs.Running without = server();
        String other = Programs.addressOf(without).replace("tcp://", "");
        assertThat(statusOf(other)).isEqualTo(400);
    }

    private static int statusOf(String place) {
        try {
            var connection = (HttpURLConnection)
                    URI.create("http://" + place + "/health").toURL().openConnection();
            connection.setRequestProperty("Connection", "close");
            return connection.getResponseCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void haproxyChecksServersThatWantCertificatesOfTheirClients() throws Exception {
        Programs.Running server = serverThatWantsCertificates();
        String address = Programs.addressOf(server);
        Programs.Running printed =
                health("--haproxy", address, "--tls-cert", certificateAndKey().toString());
        assertThat(printed.exitCode()).as(printed.err()).isZero();
        assertThat(printed.out()).contains(" check-ssl verify none crt \"");
        var sections = new ArrayList<>(printed.out().lines().toList());
        String without = health("--haproxy", address).out();
        assertThat(without).contains(" check-ssl verify none\n");
        without.lines()
                .map(line -> line.replace("backend parley", "backend other"))
                .forEach(sections::add);
        sections.replaceAll(line -> line.endsWith("verify none") ? line.replace("parley1", "other1") : line);
        sections.addAll(List.of("frontend front", "    bind 127.0.0.1:PORT", "    default_backend parley"));
        try (Haproxy haproxy = Haproxy.start(directory, sections)) {
            Await.until("it is up", () -> isUp(haproxy, 1));
            Await.until("a check without a certificate fails", () -> haproxy.statusOf("other1")
                    .startsWith("DOWN"));
            server.process.destroy();
            Await.until("it is taken out", () -> haproxy.statusOf("parley1").startsWith("DOWN"));
            assertThat(server.process.isAlive()).isTrue();
        }
    }

    @Test
    void whatHaproxyCannotUseIsRefused() throws Exception {
        String file = certificateAndKey().toString();
        Programs.Running key = health("--haproxy", "tls://h:1", "--tls-cert", file, "--tls-key", file);
        assertThat(key.exitCode()).isEqualTo(2);
        assertThat(key.err()).contains("from one PEM file");
        Programs.Running authority = health("--haproxy", "tls://h:1", "--tls-ca", file);
        assertThat(authority.exitCode()).isEqualTo(2);
        assertThat(authority.err()).contains("--tls-ca has no effect");
    }

    private static boolean isUp(Haproxy haproxy, int server) {
        return haproxy.statusOf("parley" + server).equals("UP"); // "UP 1/2" is about to go down
    }

    /** Makes a connection and a request, which must not fail. */
    private static void search(Haproxy haproxy) {
        try (Client client = Client.connect("tcp://127.0.0.1:" + haproxy.port())) {
            assertThat(client.call(SEARCH).text()).contains("Mountains");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
