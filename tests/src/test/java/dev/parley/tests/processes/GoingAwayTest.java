package dev.parley.tests.processes;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Client;
import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.Usable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests a server that ends a connection whose client did nothing wrong: no request that crosses that is lost. */
@Timeout(300)
class GoingAwayTest {
    private static final Duration IDLE = Duration.ofMinutes(5);
    private static final Duration CROSSING = Duration.ofSeconds(1);
    private static final Message NOTHING = Message.binary("x", new byte[0]);

    @TempDir
    private Path directory;

    private final ManualTicker ticker = new ManualTicker();
    private final List<CloseReason> closed = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    private Server listen(String transport, String scheme) throws Exception {
        EventLoop loop = EventLoop.builder()
                .transport(Usable.transport(transport))
                .ticker(ticker)
                .limits(Limits.DEFAULT.withIdleTimeout(IDLE))
                .observer(new LoopObserver() {
                    @Override
                    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
                        closed.add(reason);
                    }
                })
                .start();
        opened.add(loop);
        Address address =
                scheme.equals("unix") ? new Address.Unix(directory.resolve("s")) : Address.parse("tcp://127.0.0.1:0");
        Server server =
                Server.builder().onLoop("now", request -> Message.text("now")).listen(loop, address);
        opened.add(server);
        return server;
    }

    private MessagePeer peer(Server server) throws Exception {
        MessagePeer peer = MessagePeer.connect(server.address());
        opened.add(peer);
        return peer;
    }

    /** Returns a peer that has shown that it knows our controls, and was answered. */
    private MessagePeer knownPeer(Server server) throws Exception {
        MessagePeer peer = peer(server).send(request(1, "now", NOTHING));
        assertThat(peer.receive().text()).isEqualTo("now");
        return peer;
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp", "nio, unix", "io_uring, unix"})
    void aRequestThatMeetsTheIdleTimeoutIsKnownToBeNotProcessed(String transport, String scheme) throws Exception {
        MessagePeer peer = knownPeer(listen(transport, scheme));
        ticker.advance(IDLE);
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        for (int id = 2; id <= 4; id++) {
            Message answer = peer.send(request(id, "now", NOTHING)).receive();
            assertThat(answer.status()).contains("going-away");
            assertThat(answer.header().id()).isEqualTo(id);
        }
        peer.raw.shutdownOutput();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        Await.until("it is closed", () -> !closed.isEmpty());
        assertThat(closed).containsExactly(CloseReason.IDLE);
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp", "nio, unix", "io_uring, unix"})
    void aPeerThatDoesNotEndItIsLetGoASecondLater(String transport, String scheme) throws Exception {
        MessagePeer peer = knownPeer(listen(transport, scheme));
        ticker.advance(IDLE);
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        assertThat(peer.send(request(2, "now", NOTHING)).receive().status()).contains("going-away");
        ticker.advance(CROSSING);
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        peer.close();
        Await.until("it is closed", () -> !closed.isEmpty());
        assertThat(closed).containsExactly(CloseReason.IDLE);
    }

    /** Such a peer would take a control for an answer. */
    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, unix"})
    void aPlainPeerIsClosedAsItWas(String transport, String scheme) throws Exception {
        MessagePeer peer = peer(listen(transport, scheme)).send(Message.json("{\"action\": \"now\"}"));
        assertThat(peer.receive().text()).isEqualTo("now");
        ticker.advance(IDLE);
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        Await.until("it is closed", () -> !closed.isEmpty());
        assertThat(closed).containsExactly(CloseReason.IDLE);
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp", "nio, unix", "io_uring, unix"})
    void aPeerThatIsIdleDoesNotHoldADrain(String transport, String scheme) throws Exception {
        Server server = listen(transport, scheme);
        MessagePeer peer = knownPeer(server);
        var report = new CompletableFuture<DrainReport>();
        Thread.ofVirtual().start(() -> {
            try {
                report.complete(server.drain(Duration.ofHours(1)));
            } catch (Throwable thrown) {
                report.completeExceptionally(thrown);
            }
        });
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        assertThat(peer.send(request(2, "now", NOTHING)).receive().status()).contains("going-away");
        ticker.advance(CROSSING);
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        peer.close();
        assertThat(report.join()).isEqualTo(new DrainReport(1, 0, 0));
    }

    /** Calls at each moment around the timeout, by a client whose own time is the machine's. */
    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp", "nio, unix", "io_uring, unix"})
    void noCallOfAClientIsLost(String transport, String scheme) throws Exception {
        Server server = listen(transport, scheme);
        try (Client client = Client.connect(server.addresses().getFirst())) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.call("now", Message.text("")).text()).isEqualTo("now");
                ticker.advance(IDLE.minusMillis(1));
                ticker.advance(Duration.ofMillis(1));
                assertThat(client.call("now", Message.text("")).text())
                        .as("call %d", i)
                        .isEqualTo("now");
            }
        }
    }
}
