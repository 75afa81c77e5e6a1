package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.Transports;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests a reset that comes when the system has reported bytes that the loop has not passed on yet. */
@Timeout(300)
class LateResetTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    static List<String> transports() {
        return Transports.names();
    }

    /** Resets the other one's peer in the callback of the first of two connections that are reported in one turn. */
    private static final class Resetting implements Receiver {
        private final Map<LoopConnection, RawPeer> peers = new ConcurrentHashMap<>();
        private final Map<LoopConnection, CloseReason> closed = new ConcurrentHashMap<>();
        private final BlockingQueue<LoopConnection> opened = new LinkedBlockingQueue<>();
        private final CountDownLatch bothClosed = new CountDownLatch(2);
        private volatile @Nullable LoopConnection first;
        private volatile @Nullable LoopConnection second;
        private int bytesOfSecond;

        @Override
        public void opened(LoopConnection connection) {
            opened.add(connection);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            if (first == null) {
                first = connection;
                peers.forEach(this::resetOther);
            } else if (connection != first) {
                second = connection;
                bytesOfSecond += bytes.remaining();
            }
            bytes.position(bytes.limit());
            connection.send(new byte[] {1});
            connection.send(new byte[] {2}); // by now the system may have reported that no peer takes it
        }

        private void resetOther(LoopConnection connection, RawPeer peer) {
            if (connection != first) {
                try {
                    peer.reset();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            closed.put(connection, reason);
            bothClosed.countDown();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPeerThatResetsBetweenItsCompletionAndItsCallbackEndsAloneAndWithReset(String transport) throws Exception {
        EventLoop loop = bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
        var receiver = new Resetting();
        LoopListener listener = bed.keep(loop.listen("tcp://127.0.0.1:0", receiver));
        RawPeer one = bed.keep(connect(listener, receiver));
        RawPeer other = bed.keep(connect(listener, receiver));
        sendWhileHeld(loop, one, other);

        // The one that was reported first is served; it ends with its peer.
        Await.until("one of them is told", () -> receiver.first != null);
        LoopConnection first = Objects.requireNonNull(receiver.first);
        RawPeer served = Objects.requireNonNull(receiver.peers.get(first));
        assertThat(served.receive(2)).containsExactly(1, 2);
        served.close();
        assertThat(receiver.bothClosed.await(60, TimeUnit.SECONDS)).isTrue();
        LoopConnection second = Objects.requireNonNull(receiver.second);
        assertThat(receiver.bytesOfSecond).isEqualTo(3);
        assertThat(receiver.closed.get(second)).isEqualTo(CloseReason.RESET);

        // And the loop goes on.
        try (RawPeer next = connect(listener, receiver)) {
            assertThat(next.send(new byte[] {7}).receive(2)).containsExactly(1, 2);
        }
    }

    private static RawPeer connect(LoopListener listener, Resetting receiver) throws Exception {
        RawPeer peer = RawPeer.connect(listener.address());
        receiver.peers.put(receiver.opened.take(), peer);
        return peer;
    }

    /** Sends so that both have bytes when the loop polls next, and the system reports both in one turn. */
    private static void sendWhileHeld(EventLoop loop, RawPeer one, RawPeer other) throws Exception {
        var held = new CountDownLatch(1);
        var sent = new CountDownLatch(1);
        loop.execute(() -> {
            held.countDown();
            try {
                sent.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        held.await();
        one.send(new byte[3]);
        other.send(new byte[3]);
        sent.countDown();
    }
}
