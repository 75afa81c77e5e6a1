package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopObserver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests what an observer gets if an end comes while another thread writes: each event once, and in order. */
@Timeout(60)
class WriteAndEndTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final MemNetwork network = new MemNetwork();

    /** Remembers the events of one side, and does something in the middle of its first write. */
    private static final class Remembering implements LoopObserver {
        final List<String> events = new CopyOnWriteArrayList<>();
        final AtomicBoolean first = new AtomicBoolean(true);
        volatile Runnable inWrite = () -> {};

        @Override
        public boolean seesTraffic() {
            return true;
        }

        @Override
        public void sent(ConnectionInfo connection, ByteBuffer bytes) {
            if (first.getAndSet(false)) {
                inWrite.run();
            }
            events.add("sent");
        }

        @Override
        public void outputEnded(ConnectionInfo connection) {
            events.add("output ended");
        }

        @Override
        public void peerEnded(ConnectionInfo connection) {
            events.add("peer ended");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = ".*(IPV6|UNIX)")
    void bytesAreReportedBeforeTheEndThatFollowsThem(Wire wire) throws Exception {
        var observer = new Remembering();
        Listener listener = bed.keep(Listener.open(bed.newLoop(wire.settings(network)), wire.free()));
        EventLoop loop = bed.keep(wire.settings(network).observer(observer).start());
        Connection client = bed.keep(Connection.connect(loop, listener.address()));
        observer.inWrite = () -> {
            client.shutdownOutput();
            assertThat(Await.within(Duration.ofMillis(100), () -> observer.events.contains("output ended")))
                    .isFalse();
        };
        client.out().write(new byte[100]);
        Await.until("both are reported", () -> observer.events.size() == 2);
        assertThat(observer.events).containsExactly("sent", "output ended");
    }

    /** A close waits for the write that is under way, but the observer runs inside that write. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = ".*(IPV6|UNIX)")
    void anObserverMayCloseTheConnectionWhoseBytesItSees(Wire wire) throws Exception {
        var observer = new Remembering();
        Listener listener = bed.keep(Listener.open(bed.newLoop(wire.settings(network)), wire.free()));
        EventLoop loop = bed.keep(wire.settings(network).observer(observer).start());
        Connection client = bed.keep(Connection.connect(loop, listener.address()));
        observer.inWrite = client::close;
        client.out().write(new byte[100]);
        Await.until("it is closed", () -> client.info().closeReason() == CloseReason.LOCAL);
        assertThat(observer.events).startsWith("sent");
    }

    /** The end is read again in each turn as long as the write is under way. */
    @ParameterizedTest
    @EnumSource(names = {"TCP_IPV4", "UNIX", "URING_IPV4"})
    void anEndThatIsReadWhileAThreadWritesIsReportedOnce(Wire wire) throws Exception {
        var observer = new Remembering();
        EventLoop loop = bed.keep(wire.settings(network).observer(observer).start());
        Listener listener = bed.keep(Listener.open(loop, wire.free()));
        RawPeer peer = bed.keep(RawPeer.connect(listener.address()));
        Connection accepted = bed.keep(listener.accept());
        observer.inWrite = () -> {
            try {
                peer.shutdownOutput();
                for (int i = 0; i < 5; i++) {
                    var turn = new CountDownLatch(1);
                    loop.execute(((LoopConnection) accepted.info())::resumeReading);
                    loop.execute(turn::countDown);
                    turn.await();
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        accepted.out().write(new byte[100]);
        assertThat(accepted.in().read()).isEqualTo(-1);
        accepted.close();
        assertThat(observer.events).startsWith("sent", "peer ended").containsOnlyOnce("peer ended");
    }
}
