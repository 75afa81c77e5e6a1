package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallException.Outcome;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests what a new connection beyond connectionsMax gets. */
@Timeout(300)
class TurnedAwayTest {
    private static final String WORDS = "no room, come back later";
    private static final int REJECTED_MAX = 64;

    private final MemNetwork network = new MemNetwork();

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();

    private EventLoop newLoop(Wire wire) {
        return bed.newLoop(wire.settings(network).limits(Limits.DEFAULT.withConnectionsMax(1)));
    }

    /** A receiver that has room for one connection, and sends the others a message. */
    private static class Courteous implements Receiver {
        final List<LoopConnection> opened = new CopyOnWriteArrayList<>();
        final List<LoopConnection> turnedAway = new CopyOnWriteArrayList<>();

        @Override
        public void opened(LoopConnection connection) {
            opened.add(connection);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {}

        @Override
        public ByteBuffer turnedAway(LoopConnection connection) {
            turnedAway.add(connection);
            return ByteBuffer.wrap(WORDS.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static LoopPeer connect(EventLoop loop, LoopListener listener) throws IOException {
        var peer = new LoopPeer();
        loop.connect(listener.address(), peer);
        return peer.awaitOpened();
    }

    private void awaitOpened(Courteous server, int count) {
        Await.until(count + " are opened", () -> server.opened.size() == count);
    }

    private int limited() {
        return Math.toIntExact(census.closedByReason().getOrDefault(CloseReason.LIMIT, 0L));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void itHearsTheLastWordsWholeAndCountsForNothing(Wire wire) throws Exception {
        var server = new Courteous();
        LoopListener listener = newLoop(wire).listen(wire.free(), server);
        EventLoop clients = newLoop(wire);
        LoopPeer first = connect(clients, listener);
        awaitOpened(server, 1);
        LoopPeer second = connect(clients, listener);
        second.send(new byte[100_000]); // a plain close would answer these with a reset
        assertThat(second.receiveToEnd()).asString(StandardCharsets.UTF_8).isEqualTo(WORDS);
        assertThat(listener.openConnections()).isEqualTo(1);
        first.close();
        Await.until("the first is closed", () -> listener.openConnections() == 0);
        // The second one is still there, and takes no other connection's place.
        assertThat(limited()).isZero();
        connect(clients, listener);
        awaitOpened(server, 2);
        second.close();
        Await.until("the second is closed", () -> limited() == 1);
        assertThat(server.turnedAway.getFirst().closeText()).isEqualTo("too many connections are open");
        assertThat(listener.openConnections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void aFloodIsClosedAtOnceAndNoConnectionStaysForLong(Wire wire) throws Exception {
        var server = new Courteous();
        LoopListener listener = newLoop(wire).listen(wire.free(), server);
        EventLoop clients = newLoop(wire);
        connect(clients, listener);
        awaitOpened(server, 1);
        for (int i = 0; i < REJECTED_MAX; i++) {
            LoopPeer peer = connect(clients, listener);
            assertThat(peer.receiveToEnd()).asString(StandardCharsets.UTF_8).isEqualTo(WORDS);
        }
        assertThat(limited()).isZero();
        LoopPeer late = connect(clients, listener);
        Await.until("one more is closed", () -> limited() == 1);
        assertThat(late.receiveToEnd()).isEmpty();
        ticker.advance(Limits.DEFAULT.lingerTimeout());
        Await.until("all are closed", () -> limited() == REJECTED_MAX + 1);
        LoopPeer next = connect(clients, listener);
        assertThat(next.receiveToEnd()).asString(StandardCharsets.UTF_8).isEqualTo(WORDS);
        assertThat(listener.openConnections()).isEqualTo(1);
        assertThat(census.warnings()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void whatItThrowsHarmsNoOther(Wire wire) throws Exception {
        var server = new Courteous() {
            @Override
            public ByteBuffer turnedAway(LoopConnection connection) {
                throw new IllegalStateException("speechless");
            }
        };
        LoopListener listener = newLoop(wire).listen(wire.free(), server);
        EventLoop clients = newLoop(wire);
        LoopPeer first = connect(clients, listener);
        awaitOpened(server, 1);
        clients.connect(listener.address(), new LoopPeer()); // its reset may come before it knows that it is connected
        Await.until("it is closed", () -> census.closedByReason().containsKey(CloseReason.FAILED));
        assertThat(census.takeFailures()).singleElement().asString().contains("speechless");
        first.close();
        Await.until("the first is closed", () -> listener.openConnections() == 0);
        connect(clients, listener);
        awaitOpened(server, 2);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "TLS_.*")
    void aClientIsToldThatTheServerIsBusy(Wire wire) throws Exception {
        Server server = bed.keep(
                Server.builder().on("ask", asked -> asked).observer(census).listen(newLoop(wire), wire.free()));
        Message question = Message.json("{\"value\": 1}");
        Client first = Client.builder(server.address()).loop(newLoop(wire)).connect();
        first.call("ask", question);
        EventLoop loop = newLoop(wire);
        Client second = bed.keep(client(loop, server));
        assertThatThrownBy(() -> second.call("ask", question))
                .isInstanceOfSatisfying(RefusedException.class, refused -> {
                    assertThat(refused.code()).isEqualTo("busy");
                    assertThat(refused.outcome()).isEqualTo(Outcome.NOT_PROCESSED);
                })
                .hasMessageContaining("its limit of connections, 1");
        first.close();
        Await.until("there is room", () -> server.openConnections() == 0);
        Client third = bed.keep(client(loop, server));
        assertThat(third.call("ask", question).text()).contains("\"value\": 1");
    }

    /** Starts a client whose time stands still, so that it can neither send anything again nor reconnect. */
    private static Client client(EventLoop loop, Server server) {
        return Client.builder(server.address()).loop(loop).retries(false).start();
    }
}
