package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientBuilder;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the loop that the clients of a process share, and loops of their own. */
@Timeout(120)
class ClientLoopTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("parley-calls"))
                .toList();
    }

    private Server server() throws Exception {
        return bed.keep(bed.server()
                .onLoop("echo", request -> request)
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
    }

    @Test
    void manyClientsShareAThreadThatEndsWithTheLast() throws Exception {
        Server server = server();
        int before = threads().size();
        var clients = new ArrayList<Client>();
        for (int i = 0; i < 200; i++) {
            Client client = Client.connect(server.address());
            clients.add(client);
            assertThat(client.call("echo", Message.text("" + i)).text()).isEqualTo("" + i);
        }
        List<Thread> shared = threads();
        assertThat(shared).hasSize(1);
        clients.removeFirst().close();
        assertThat(clients.getFirst().call("echo", Message.text("x")).text()).isEqualTo("x");
        for (Client client : clients) {
            client.close();
            client.close(); // a second close takes nothing from the others
        }
        if (before == 0) {
            Await.until("the loop has ended", () -> !shared.getFirst().isAlive());
        }
        try (Client later = Client.connect(server.address())) {
            assertThat(later.call("echo", Message.text("again")).text()).isEqualTo("again");
        }
    }

    @Test
    void settingsOfALoopThatAreHandedOverAreCopied() throws Exception {
        Server server = server();
        var settings = EventLoop.builder().name("mine").observer(bed.census());
        var on = new CompletableFuture<String>();
        try (Client client = Client.builder(server.address()).loop(settings).connect()) {
            client.callAsync("echo", Message.text("x"), CallOptions.DEFAULT)
                    .thenAccept(answer -> on.complete(Thread.currentThread().getName()));
            assertThat(on.get(60, TimeUnit.SECONDS))
                    .isIn("mine", Thread.currentThread().getName());
        }
        try (EventLoop loop = settings.start()) {
            var daemon = new CompletableFuture<Boolean>();
            loop.execute(() -> daemon.complete(Thread.currentThread().isDaemon()));
            assertThat(daemon.get(60, TimeUnit.SECONDS)).isFalse(); // the client's own copy was made a daemon
        }
    }

    @Test
    void aServerKeepsTheObserverOfItsLoopsSettings() throws Exception {
        var settings = EventLoop.builder().observer(bed.census());
        try (Server server = Server.builder()
                        .loop(settings)
                        .onLoop("echo", request -> {
                            throw new IllegalStateException("its own");
                        })
                        .listen("tcp://127.0.0.1:0");
                Client client = Client.connect(server.address())) {
            client.callAsync("echo", Message.text("x"), CallOptions.DEFAULT);
            Await.until(
                    "the failure was told", () -> !bed.census().takeFailures().isEmpty());
        }
    }

    @Test
    void aServerListensOnSeveralAddressesAndDrainsAsOne() throws Exception {
        Path socket = Files.createTempDirectory("parley").resolve("several.sock");
        Server server = Server.builder()
                .loop(EventLoop.builder().observer(bed.census()))
                .loops(2)
                .on("echo", request -> request)
                .listen("tcp://127.0.0.1:0", "tcp://127.0.0.1:0", "unix:" + socket);
        try (server) {
            assertThat(server.addresses()).hasSize(3);
            for (Address address : server.addresses()) {
                Client client = bed.keep(Client.connect(address));
                assertThat(client.call("echo", Message.text("x")).text()).isEqualTo("x");
            }
            Await.until("all are counted", () -> server.openConnections() == 3);
            assertThat(server.drain(Duration.ofSeconds(10)).connectionsCut()).isZero();
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void theSettingsOfALoopAreThoseOfTheMomentTheyWereGiven() throws Exception {
        EventLoop.Builder settings = EventLoop.builder().name("parley-first");
        ClientBuilder builder = Client.builder(server().address()).loop(settings);
        settings.name("parley-later");
        Client client = bed.keep(builder.connect());
        String thread = client.callAsync("echo", Message.text("x"), CallOptions.DEFAULT)
                .thenApply(answer -> Thread.currentThread().getName())
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        assertThat(thread).doesNotContain("later");
    }
}
