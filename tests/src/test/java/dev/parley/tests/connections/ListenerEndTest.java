package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.EventLoopGroup;
import dev.parley.net.Listener;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.SocketOptions;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what remains of a closed listener: its address is reported once as free, and no connection is forgotten. */
@Timeout(60)
class ListenerEndTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private static final class Stops implements LoopObserver {
        final List<Address> stopped = new CopyOnWriteArrayList<>();
        final List<Throwable> failures = new CopyOnWriteArrayList<>();

        @Override
        public void stoppedListening(Address address) {
            stopped.add(address);
        }

        @Override
        public void failed(String where, Throwable cause) {
            failures.add(cause);
        }
    }

    private static void hold(EventLoop loop, CountDownLatch letGo) throws Exception {
        var holding = new CountDownLatch(1);
        loop.execute(() -> {
            holding.countDown();
            awaitQuietly(letGo);
        });
        holding.await();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void settle(EventLoop loop) throws Exception {
        for (int turn = 0; turn < 3; turn++) {
            var settled = new CountDownLatch(1);
            loop.execute(settled::countDown);
            settled.await();
        }
    }

    private static boolean isRefused(Address address) {
        try (RawPeer _ = RawPeer.connect(address)) {
            return false;
        } catch (IOException refused) {
            return true;
        }
    }

    /** A loop must not accept from the number of a descriptor that another loop has closed. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void theSocketIsOpenUntilTheLastLoopHasStopped(String transport) throws Exception {
        var observer = new Stops();
        EventLoop.Builder settings =
                EventLoop.builder().transport(Usable.transport(transport)).observer(observer);
        try (EventLoopGroup loops = EventLoopGroup.start(settings, 3)) {
            LoopListener listener = loops.listen(Address.parse("tcp://127.0.0.1:0"), connection -> (_, _) -> {});
            for (EventLoop loop : loops.loops()) {
                settle(loop);
            }
            var letGo = new CountDownLatch(1);
            hold(loops.loops().getLast(), letGo);
            EventLoop first = loops.loops().getFirst();
            first.execute(listener::close);
            settle(first);
            assertThat(observer.stopped).isEmpty();
            assertThat(isRefused(listener.address()))
                    .as("it waits in the backlog")
                    .isFalse();
            letGo.countDown();
            Await.until("it is closed", () -> isRefused(listener.address()));
            Await.until("it is reported", () -> !observer.stopped.isEmpty());
            assertThat(observer.stopped).isEqualTo(listener.addresses());
            listener.close();
        }
        assertThat(observer.stopped).hasSize(1);
        assertThat(observer.failures).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void theEndOfAGroupIsReportedOnceForEachAddress(String transport) throws Exception {
        var observer = new Stops();
        EventLoop.Builder settings =
                EventLoop.builder().transport(Usable.transport(transport)).observer(observer);
        try (EventLoopGroup loops = EventLoopGroup.start(settings, 3)) {
            loops.listen("tcp://localhost:0", connection -> (_, _) -> {});
        }
        assertThat(observer.stopped).hasSizeBetween(1, 2).doesNotHaveDuplicates();
        assertThat(observer.failures).isEmpty();
    }

    /** A server with several loops has such listeners too. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void theLastOfSeveralListenersReportsTheEnd(String transport) throws Exception {
        var observer = new Stops();
        EventLoop.Builder settings =
                EventLoop.builder().transport(Usable.transport(transport)).observer(observer);
        try (EventLoop loop = settings.start();
                EventLoop other = settings.start()) {
            LoopListener first = loop.listen("tcp://127.0.0.1:0", connection -> (_, _) -> {});
            LoopListener second = other.listenWith(first, connection -> (_, _) -> {});
            settle(other);
            first.close();
            assertThat(observer.stopped).isEmpty();
            second.close();
            assertThat(observer.stopped).isEqualTo(first.addresses());
            assertThat(isRefused(first.address())).isTrue();
        }
        assertThat(observer.failures).isEmpty();
    }

    /** The address was reported as listening before the listener knew. */
    @Test
    void aListenerThatComesTooLateIsReportedAsStopped() throws Exception {
        var observer = new Stops();
        var started = new AtomicReference<EventLoop>();
        EventLoop loop = EventLoop.builder()
                .observer(new LoopObserver() {
                    @Override
                    public void listening(Address address, SocketOptions options) {
                        started.get().close();
                    }

                    @Override
                    public void stoppedListening(Address address) {
                        observer.stoppedListening(address);
                    }
                })
                .transport(Usable.transport("nio"))
                .start();
        started.set(loop);
        LoopListener listener = loop.listen("tcp://127.0.0.1:0", (_, _) -> {});
        assertThat(observer.stopped).isEqualTo(listener.addresses());
        assertThat(isRefused(listener.address())).isTrue();
        listener.close();
        assertThat(observer.stopped).hasSize(1);
    }

    /** The loop is in the middle of accepting it, and the thread that closes must not wait for that loop. */
    @Test
    void aConnectionThatIsOpenedDuringTheCloseIsClosedToo() throws Exception {
        var network = new MemNetwork();
        var accepting = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        EventLoop loop = bed.keep(EventLoop.builder()
                .transport(network)
                .observer(new LoopObserver() {
                    @Override
                    public void accepted(Address listening, ConnectionInfo connection) {
                        accepting.countDown();
                        awaitQuietly(closed);
                    }
                })
                .start());
        EventLoop other = bed.newLoop(EventLoop.builder().transport(network));
        Listener listener = bed.keep(Listener.open(loop, Address.parse("mem:")));
        try (Connection client = Connection.connect(other, listener.address())) {
            accepting.await();
            other.execute(() -> {
                listener.close();
                closed.countDown();
            });
            assertThat(client.in().read()).isEqualTo(-1);
        }
    }
}
