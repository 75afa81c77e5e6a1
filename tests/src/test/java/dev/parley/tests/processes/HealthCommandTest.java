package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Haproxy;
import dev.parley.tests.bed.Programs;
import java.io.IOException;
import java.nio.file.Path;
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
