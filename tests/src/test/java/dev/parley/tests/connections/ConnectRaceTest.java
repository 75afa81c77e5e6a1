package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.HostResolver;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopObserver;
import dev.parley.net.NetworkError;
import dev.parley.net.Receiver;
import dev.parley.net.Transports;
import dev.parley.net.transport.Transport;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.SilentHost;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.contract.ForwardingEvents;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that the addresses of a name race (RFC 8305). A server listens on 127.0.0.1, none on 127.0.0.9, and packets to
 * those between get no response.
 */
@Timeout(300)
class ConnectRaceTest {
    private static final Duration DELAY = Duration.ofMillis(250);
    private static final Duration ALMOST = DELAY.minusNanos(1);

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final IpOverMem mem = new IpOverMem();
    private int port;

    /** Asserts that no attempt is left. The bed does this last, when the loops are closed. */
    @BeforeEach
    void noAttemptIsLeft() {
        bed.keep(() -> assertThat(mem.waiting).allMatch(waiting -> waiting.closed));
    }

    // The participants.

    private static InetAddress ip(int last) {
        return InetAddress.ofLiteral("127.0.0." + last);
    }

    /** Starts a loop with a server on 127.0.0.1, for which the name {@code raced} is these addresses. */
    private EventLoop start(String transport, int... lasts) throws IOException {
        Transport over = transport.equals("mem") ? mem : Transports.named(transport);
        List<InetAddress> raced =
                Arrays.stream(lasts).mapToObj(ConnectRaceTest::ip).toList();
        HostResolver hostResolver = host -> raced;
        EventLoop loop = bed.keep(census.watch(EventLoop.builder()
                .transport(over)
                .ticker(ticker)
                .hostResolver(hostResolver)
                .observer(new Log())
                .start()));
        port = ((Address.Tcp) loop.listen("tcp://127.0.0.1:0", (connection, bytes) -> {})
                        .address())
                .port();
        for (int last : lasts) {
            if (last > 1 && last < 9) {
                silence(over, new InetSocketAddress(ip(last), port));
            }
        }
        return loop;
    }

    private void silence(Transport over, InetSocketAddress endpoint) throws IOException {
        if (over == mem) {
            mem.silence(endpoint);
        } else {
            bed.keep(new SilentHost(endpoint));
        }
    }

    private LoopConnection connect(EventLoop loop) {
        return loop.connect("tcp://raced:" + port, new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                told.add("opened");
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}
        });
    }

    /** The connects that the loop's events report, in short; the census gets all. */
    private final class Log implements ForwardingEvents {
        @Override
        public LoopObserver to() {
            return census;
        }

        private void tell(String what, SocketAddress endpoint) {
            told.add(what + " " + ((InetSocketAddress) endpoint).getAddress().getAddress()[3]);
        }

        @Override
        public boolean seesTraffic() {
            return false;
        }

        @Override
        public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
            tell("try", endpoint);
            census.connecting(connection, endpoint);
        }

        @Override
        public void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {
            tell("failed", endpoint);
        }

        @Override
        public void connected(ConnectionInfo connection) {
            told.add("connected");
        }

        @Override
        public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
            if (!connection.accepted()) {
                told.add("closed " + reason);
            }
            census.closed(connection, reason, cause);
        }
    }

    private void awaitTold(String... observer) {
        Await.until(List.of(observer) + " was told, not " + told, () -> told.size() >= observer.length);
        assertThat(told).containsExactly(observer);
    }

    /** Lets time pass for a loop that has done its work. */
    private void pass(EventLoop loop, Duration time) throws InterruptedException {
        settle(loop);
        ticker.advance(time);
    }

    /** Waits until the loop has checked its timers. */
    private void settle(EventLoop loop) throws InterruptedException {
        for (int turn = 0; turn < 3; turn++) {
            var turned = new CountDownLatch(1);
            loop.execute(turned::countDown);
            assertThat(turned.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    // The race.

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring", "mem"})
    void aSilentAddressCostsTheDelayAndNoMore(String transport) throws Exception {
        EventLoop loop = start(transport, 2, 1);
        LoopConnection connection = connect(loop);
        awaitTold("try 2");
        pass(loop, ALMOST);
        settle(loop);
        awaitTold("try 2");
        pass(loop, DELAY.minus(ALMOST));
        awaitTold("try 2", "try 1", "connected", "opened");
        assertThat(connection.peerAddress().toString()).contains("127.0.0.1:" + port);
        pass(loop, Duration.ofSeconds(60));
        settle(loop);
        awaitTold("try 2", "try 1", "connected", "opened");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring", "mem"})
    void aRefusalIsFollowedAtOnce(String transport) throws Exception {
        EventLoop loop = start(transport, 9, 2, 3, 1);
        connect(loop);
        awaitTold("try 9", "failed 9", "try 2");
        pass(loop, DELAY);
        awaitTold("try 9", "failed 9", "try 2", "try 3");
        pass(loop, DELAY);
        awaitTold("try 9", "failed 9", "try 2", "try 3", "try 1", "connected", "opened");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring", "mem"})
    void whereNoneAnswersTheTimeoutEndsItAndNamesEach(String transport) throws Exception {
        EventLoop loop = start(transport, 2, 9, 3);
        LoopConnection connection = connect(loop);
        awaitTold("try 2");
        pass(loop, DELAY);
        awaitTold("try 2", "try 9", "failed 9", "try 3");
        pass(loop, Duration.ofSeconds(10).minus(DELAY).minusNanos(1));
        settle(loop);
        awaitTold("try 2", "try 9", "failed 9", "try 3");
        pass(loop, Duration.ofNanos(1));
        awaitTold("try 2", "try 9", "failed 9", "try 3", "closed connect");
        assertThat(connection.closeCause())
                .isInstanceOfSatisfying(ConnectFailedException.class, failed -> {
                    assertThat(failed.networkError()).isEqualTo(NetworkError.TIMED_OUT);
                    assertThat(failed.attempts())
                            .extracting(ConnectFailedException.Attempt::networkError)
                            .containsExactly(NetworkError.TIMED_OUT, NetworkError.REFUSED, NetworkError.TIMED_OUT);
                })
                .hasMessageContaining("timed out after 10 s (no answer) (tried tcp://127.0.0.2:" + port
                        + " timed out, tcp://127.0.0.9:" + port + " connection refused, tcp://127.0.0.3:" + port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring", "mem"})
    void aCloseMeanwhileEndsAllAttempts(String transport) throws Exception {
        EventLoop loop = start(transport, 2, 3, 1);
        LoopConnection connection = connect(loop);
        awaitTold("try 2");
        pass(loop, DELAY);
        awaitTold("try 2", "try 3");
        loop.execute(connection::close);
        awaitTold("try 2", "try 3", "closed local");
        pass(loop, DELAY);
        settle(loop);
        awaitTold("try 2", "try 3", "closed local");
    }

    @Test
    void twoThatStandTogetherAreOneConnection() throws Exception {
        EventLoop loop = start("mem", 2, 3);
        LoopConnection connection = connect(loop);
        awaitTold("try 2");
        pass(loop, DELAY);
        awaitTold("try 2", "try 3");
        loop.execute(() -> mem.waiting.reversed().forEach(IpOverMem.Waiting::answer));
        awaitTold("try 2", "try 3", "connected", "opened");
        settle(loop);
        awaitTold("try 2", "try 3", "connected", "opened");
        assertThat(connection.peerAddress()).hasToString("tcp://127.0.0.3:" + port);
        assertThat(mem.waiting).extracting(waiting -> waiting.closed).containsExactly(true, false);
    }

    @Test
    void theFirstMayWinAfterOthersHaveFailed() throws Exception {
        EventLoop loop = start("mem", 2, 9);
        LoopConnection connection = connect(loop);
        awaitTold("try 2");
        pass(loop, DELAY);
        awaitTold("try 2", "try 9", "failed 9");
        loop.execute(() -> mem.waiting.getFirst().answer());
        awaitTold("try 2", "try 9", "failed 9", "connected", "opened");
        assertThat(connection.peerAddress()).hasToString("tcp://127.0.0.2:" + port);
    }
}
