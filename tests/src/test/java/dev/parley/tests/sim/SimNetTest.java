package dev.parley.tests.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.testkit.Census;
import dev.parley.testkit.FaultProxy;
import dev.parley.testkit.SimNet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the simulated network itself. {@code -Dparley.sim.seed=N} makes other random choices. */
@Timeout(300)
class SimNetTest {
    private static final long SEED = Long.getLong("parley.sim.seed", 27);

    private final Census census = new Census();
    private final SimNet net = new SimNet(SEED);
    private final EventLoop serverLoop = start("server");
    private final EventLoop clientLoop = start("client");
    private final Heard server = new Heard();
    private final Heard client = new Heard();

    private EventLoop start(String host) {
        return census.watch(net.startLoop(
                host,
                EventLoop.builder().observer(census).limits(Limits.DEFAULT.withIdleTimeout(Duration.ofHours(1)))));
    }

    @AfterEach
    void nothingIsLeft() {
        net.close();
        census.assertNothingLeft();
    }

    private LoopConnection connect() throws Exception {
        serverLoop.listen("mem:server", server);
        LoopConnection connection = clientLoop.connect("mem:server", client);
        net.runUntil("both ends are open", () -> client.opened && server.opened);
        return connection;
    }

    private LoopConnection accepted() {
        return Objects.requireNonNull(server.connection);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void bytesArriveInOrderThenTheEndAndTheOtherDirectionGoesOn() throws Exception {
        net.latency(Duration.ZERO, Duration.ofMillis(100)).pieces(1, 5);
        LoopConnection connection = connect();
        var sent = new byte[1_000];
        new Random(SEED).nextBytes(sent);
        clientLoop.execute(() -> {
            connection.send(sent);
            connection.shutdownOutput();
        });
        net.runUntil("the end is there", () -> server.ended);
        assertThat(server.received.toByteArray()).as("%s", net).isEqualTo(sent);
        assertThat(server.pieces).as("%s", net).isGreaterThan(20);
        serverLoop.execute(() -> accepted().send(text("and back")));
        net.runUntil("it is back", () -> client.text().equals("and back"));
        serverLoop.execute(() -> accepted().close());
        net.runUntil("both are closed", () -> client.ended && server.closed != null);
        assertThat(server.closed).isEqualTo(CloseReason.PEER);
        assertThat(client.closed).isEqualTo(CloseReason.LOCAL);
    }

    @Test
    void aResetIsSeenAsOne() throws Exception {
        LoopConnection connection = connect();
        clientLoop.execute(connection::reset);
        net.runUntil("the server has noticed", () -> server.closed != null);
        assertThat(server.closed).isEqualTo(CloseReason.RESET);
    }

    @Test
    void unreadBytesAreAnsweredWithAReset() throws Exception {
        LoopConnection connection = connect();
        serverLoop.execute(() -> accepted().pauseReading());
        clientLoop.execute(() -> connection.send(text("unread")));
        net.run(Duration.ofSeconds(1));
        serverLoop.execute(() -> accepted().closeWithoutLingering(CloseReason.LOCAL));
        net.runUntil("the client has noticed", () -> client.closed != null);
        assertThat(client.closed).isEqualTo(CloseReason.RESET);
    }

    @Test
    void aFullBufferHoldsTheSender() throws Exception {
        net.buffers(1_000, 1_000);
        LoopConnection connection = connect();
        serverLoop.execute(() -> accepted().pauseReading());
        clientLoop.execute(() -> connection.send(new byte[100_000]));
        net.run(Duration.ofSeconds(5));
        assertThat(client.drained).isFalse();
        assertThat(server.received.size()).isZero();
        serverLoop.execute(() -> accepted().resumeReading());
        net.runUntil("all of it is there", () -> server.received.size() == 100_000);
        net.runUntil("the sender hears of it", () -> client.drained);
    }

    @Test
    void whoReadsNothingAtAllIsGivenUp() throws Exception {
        net.buffers(1_000, 1_000);
        LoopConnection connection = connect();
        serverLoop.execute(() -> accepted().pauseReading());
        clientLoop.execute(() -> connection.send(new byte[100_000]));
        net.run(Duration.ofSeconds(11));
        assertThat(client.closed).isEqualTo(CloseReason.WRITE_TIMEOUT);
    }

    @Test
    void anHourPassesAtOnceAndExactly() throws Exception {
        LoopConnection connection = connect();
        Duration start = net.now();
        net.run(Duration.ofMinutes(59));
        assertThat(connection.closeReason()).isNull();
        net.run(Duration.ofMinutes(2));
        assertThat(client.closed).isEqualTo(CloseReason.IDLE);
        assertThat(net.now().minus(start)).isEqualTo(Duration.ofMinutes(61));
    }

    @Test
    void timersFireAtTheirTimeAndInTheirOrder() {
        var order = new StringBuilder();
        serverLoop.execute(() -> serverLoop.schedule(
                Duration.ofMillis(30), () -> order.append(net.now().toMillis())));
        clientLoop.execute(() -> clientLoop.schedule(
                Duration.ofMillis(20), () -> order.append(net.now().toMillis()).append(' ')));
        net.run(Duration.ofSeconds(1));
        assertThat(order).hasToString("20 30");
    }

    @Test
    void whatIsSentWhileHostsAreApartArrivesOnceTheyAreTogether() throws Exception {
        LoopConnection connection = connect();
        net.partition("client", "server");
        clientLoop.execute(() -> connection.send(text("early, ")));
        net.run(Duration.ofMinutes(10));
        assertThat(server.text()).isEmpty();
        clientLoop.execute(() -> connection.send(text("late")));
        net.heal("server", "client");
        net.runUntil("it is there", () -> server.text().equals("early, late"));
    }

    @Test
    void whoConnectsToAHostThatIsApartTimesOut() throws Exception {
        serverLoop.listen("mem:server", server);
        net.partition("client", "server");
        clientLoop.connect("mem:server", client);
        net.run(Duration.ofSeconds(9));
        assertThat(client.closed).isNull();
        net.run(Duration.ofSeconds(2));
        assertThat(client.closed).isEqualTo(CloseReason.CONNECT);
        net.heal("client", "server");
        net.run(Duration.ofSeconds(1));
        assertThat(server.opened).as("no client waits for it any more").isFalse();
    }

    @Test
    void anAddressWithoutAListenerRefuses() throws Exception {
        LoopConnection nowhere = clientLoop.connect("mem:nobody", client);
        net.run(Duration.ofSeconds(1));
        assertThat(client.closed).isEqualTo(CloseReason.CONNECT);
        assertThat(nowhere.closeCause())
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("refused");
        LoopListener listener = serverLoop.listen("mem:server", server);
        listener.close();
        var second = new Heard();
        clientLoop.connect("mem:server", second);
        net.run(Duration.ofSeconds(1));
        assertThat(second.closed).isEqualTo(CloseReason.CONNECT);
    }

    @Test
    void aServerThatCrashesResetsItsPeersAndComesBack() throws Exception {
        connect();
        net.crash("server");
        net.runUntil("the client has noticed", () -> client.closed != null);
        assertThat(client.closed).isEqualTo(CloseReason.RESET);
        var refused = new Heard();
        clientLoop.connect("mem:server", refused);
        net.runUntil("it is refused", () -> refused.closed == CloseReason.CONNECT);
        start("server").listen("mem:server", new Heard());
        var again = new Heard();
        clientLoop.connect("mem:server", again);
        net.runUntil("it is open", () -> again.opened);
    }

    @Test
    void aServerWithoutPowerIsSilentAndResetsOnceItIsBack() throws Exception {
        LoopConnection connection = connect();
        net.powerOff("server");
        clientLoop.execute(() -> connection.send(text("anybody there?")));
        var unheard = new Heard();
        clientLoop.connect("mem:server", unheard);
        net.run(Duration.ofSeconds(11));
        assertThat(client.closed).isNull();
        assertThat(unheard.closed).isEqualTo(CloseReason.CONNECT);
        start("server");
        clientLoop.execute(() -> connection.send(text("hello?")));
        net.runUntil("the client has noticed", () -> client.closed != null);
        assertThat(client.closed).isEqualTo(CloseReason.RESET);
    }

    @Test
    void aFaultProxyWorksInVirtualTime() throws Exception {
        serverLoop.listen("mem:server", (connection, bytes) -> connection.send(bytes));
        try (var proxy = FaultProxy.to(Address.parse("mem:server"))
                .seed(SEED)
                .transport(net.host("proxy"))
                .ticker(net)
                .observer(census)
                .start()) {
            proxy.towardsClient().latency(Duration.ofMinutes(1));
            LoopConnection connection = clientLoop.connect(proxy.address(), client);
            clientLoop.execute(() -> connection.send(text("slow")));
            net.runUntil("it is back", () -> client.text().equals("slow"));
            assertThat(net.now()).isGreaterThan(Duration.ofMinutes(1)).isLessThan(Duration.ofSeconds(61));
            proxy.down();
            net.runUntil("the client has noticed", () -> client.closed != null);
        }
    }

    /** The end comes before the proxy has a connection to the server, and must not be lost. */
    @Test
    void aFaultProxyPassesOnAnEndThatCameEarly() throws Exception {
        serverLoop.listen("mem:server", server);
        try (var proxy = FaultProxy.to(Address.parse("mem:server"))
                .seed(SEED)
                .transport(net.host("proxy"))
                .ticker(net)
                .observer(census)
                .start()) {
            net.partition("proxy", "server");
            LoopConnection connection = clientLoop.connect(proxy.address(), client);
            net.runUntil("the client is connected", () -> client.opened);
            clientLoop.execute(connection::shutdownOutput);
            net.run(Duration.ofSeconds(1));
            assertThat(server.opened).isFalse();
            net.heal("proxy", "server");
            net.runUntil("the server has the end", () -> server.ended);
        }
    }

    @Test
    void whoWaitsInVainIsToldWhyWithTheSeed() throws Exception {
        LoopConnection connection = connect();
        clientLoop.execute(() -> connection.send(text("only this")));
        assertThatThrownBy(() -> net.runUntil("it is all there", Duration.ofSeconds(3), () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("waited PT3S in vain until it is all there; seed " + SEED)
                .hasMessageContaining("client > server: 9 bytes");
    }

    @Test
    void aLoopThatNeverWaitsIsNamed() {
        serverLoop.execute(() -> spin(serverLoop));
        assertThatThrownBy(() -> net.run(Duration.ofSeconds(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("loop 1 of server never waits")
                .hasMessageContaining("seed " + SEED);
    }

    private static void spin(EventLoop loop) {
        var _ = loop.tryExecute(() -> spin(loop));
    }

    @Test
    void aLoopCannotDrive() {
        var thrown = new Throwable[1];
        serverLoop.execute(() -> {
            try {
                net.run(Duration.ZERO);
            } catch (IllegalStateException e) {
                thrown[0] = e;
            }
        });
        assertThat(thrown[0]).hasMessageContaining("cannot drive");
    }
}
