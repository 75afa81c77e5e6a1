package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.EventLoopGroup;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.proxy.ProxyProtocol;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests to which of the loops that share a listening socket a new connection goes. */
@Timeout(300)
class SeveralLoopsTest {
    private static final int CONNECTIONS = 200;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private EventLoop newLoop(String transport) {
        EventLoop loop = bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
        return loop;
    }

    /** Collects the connections of one loop. */
    private static final class Opened implements Receiver {
        private final ConcurrentLinkedQueue<LoopConnection> connections = new ConcurrentLinkedQueue<>();
        private final Semaphore all;

        Opened(Semaphore all) {
            this.all = all;
        }

        @Override
        public void opened(LoopConnection connection) {
            connections.add(connection);
            all.release();
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            connection.send(bytes);
        }
    }

    private void connect(Address address, Semaphore all, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            bed.keep(RawPeer.connect(address));
            assertThat(all.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void eachNewConnectionGoesToTheLoopWithTheFewest(String transport) throws Exception {
        var all = new Semaphore(0);
        var first = new Opened(all);
        var second = new Opened(all);
        EventLoop loop = newLoop(transport);
        EventLoop other = newLoop(transport);
        LoopListener listener = loop.listen("tcp://127.0.0.1:0", first);
        LoopListener sharing = other.listenWith(listener, connection -> second);
        settle(other);

        connect(listener.address(), all, CONNECTIONS);
        assertThat(first.connections).hasSize(CONNECTIONS / 2).allMatch(each -> each.loop() == loop);
        assertThat(second.connections).hasSize(CONNECTIONS / 2).allMatch(each -> each.loop() == other);
        assertThat(listener.openConnections()).isEqualTo(CONNECTIONS);

        // Ten of the second one end: it gets the next ten.
        for (LoopConnection each : second.connections.stream().limit(10).toList()) {
            other.execute(each::reset);
        }
        settle(other);
        connect(listener.address(), all, 10);
        assertThat(second.connections).hasSize(CONNECTIONS / 2 + 10);

        // A listener that ended gets none.
        sharing.close();
        connect(listener.address(), all, 10);
        assertThat(first.connections).hasSize(CONNECTIONS / 2 + 10);
    }

    /** A burst of connections would else pile up on one loop before the first of them is open. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aConnectionThatStillShakesHandsCountsToo(String transport) throws Exception {
        var all = new Semaphore(0);
        var first = new Opened(all);
        var second = new Opened(all);
        ProxyProtocol proxies = ProxyProtocol.from("127.0.0.1");
        EventLoop.Builder settings =
                EventLoop.builder().transport(Usable.transport(transport)).proxyProtocol(proxies);
        EventLoop loop = bed.newLoop(settings);
        EventLoop other = bed.newLoop(settings);
        LoopListener listener = loop.listen("tcp://127.0.0.1:0", first);
        other.listenWith(listener, connection -> second);
        settle(other);
        var peers = new ArrayList<RawPeer>();
        for (int i = 0; i < 20; i++) {
            peers.add(bed.keep(RawPeer.connect(listener.address())));
            for (int turn = 0; turn < 3; turn++) {
                settle(loop);
                settle(other);
            }
        }
        for (RawPeer peer : peers) {
            peer.send("PROXY UNKNOWN\r\n");
        }
        assertThat(all.tryAcquire(20, 60, TimeUnit.SECONDS)).isTrue();
        assertThat(first.connections).hasSize(10);
        assertThat(second.connections).hasSize(10);
    }

    /** The connections are those of this loop like any others: they send and receive. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void connectionsWorkOnWhicheverLoopTheyAre(String transport) throws Exception {
        var all = new Semaphore(0);
        LoopListener listener = newLoop(transport).listen("tcp://127.0.0.1:0", new Opened(all));
        EventLoop other = newLoop(transport);
        var shared = new Opened(all);
        other.listenWith(listener, connection -> shared);
        settle(other);
        for (int i = 0; i < 20; i++) {
            RawPeer peer = RawPeer.connect(listener.address());
            bed.keep(peer);
            assertThat(peer.send(new byte[] {1, 2, 3}).receive(3)).containsExactly(1, 2, 3);
        }
    }

    /** A group shares the connections of one address, and its listener ends accepting on all of its loops. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aGroupListensWithAllOfItsLoops(String transport) throws Exception {
        var all = new Semaphore(0);
        var opened = new Opened(all);
        try (EventLoopGroup loops = EventLoopGroup.start(
                EventLoop.builder().transport(Usable.transport(transport)).observer(bed.census()), 3)) {
            LoopListener listener = loops.listen("tcp://127.0.0.1:0", connection -> opened);
            for (EventLoop loop : loops.loops()) {
                settle(loop);
            }
            connect(listener.address(), all, 30);
            for (EventLoop loop : loops.loops()) {
                assertThat(opened.connections)
                        .filteredOn(each -> each.loop() == loop)
                        .hasSize(10);
            }
            assertThat(listener.openConnections()).isEqualTo(30);
            List<EventLoop> inTurn = Stream.generate(loops::next).limit(6).toList();
            assertThat(inTurn.subList(0, 3)).isEqualTo(loops.loops());
            assertThat(inTurn.subList(3, 6)).isEqualTo(loops.loops());

            listener.close();
            assertThatThrownBy(() -> RawPeer.connect(listener.address())).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void aGroupThatCannotListenWithAllOfItsLoopsListensWithNone() throws Exception {
        var network = new MemNetwork();
        Address address = Address.parse("mem:group");
        try (EventLoopGroup loops =
                EventLoopGroup.start(EventLoop.builder().transport(network).observer(bed.census()), 2)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> loops.listen(address, connection -> (same, bytes) -> {}))
                        .isInstanceOf(UnsupportedOperationException.class);
            }
        }
        assertThatThrownBy(() -> EventLoopGroup.start(0)).hasMessage("a group has at least 1 loop, not 0");
    }

    private static void settle(EventLoop loop) throws Exception {
        var settled = new Semaphore(0);
        loop.execute(settled::release);
        settled.acquire();
    }
}
