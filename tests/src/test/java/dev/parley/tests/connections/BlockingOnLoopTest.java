package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.LoopListener;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests that methods that block are refused on the thread of any loop, and that methods that close do not wait there.
 */
@Timeout(300)
class BlockingOnLoopTest {
    private static final Address FREE = Address.parse("tcp://127.0.0.1:0");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final EventLoop loop = bed.loop();
    private final EventLoop other = bed.newLoop();

    private static <T> CompletableFuture<T> on(EventLoop loop, Callable<T> task) {
        var result = new CompletableFuture<T>();
        loop.execute(() -> {
            try {
                result.complete(task.call());
            } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
            }
        });
        return result;
    }

    private void assertRefused(String instead, Callable<?> blocking) {
        assertThatThrownBy(() -> on(loop, blocking).get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("would block the loop")
                .hasMessageContaining(instead);
    }

    @Test
    void connectingIsRefusedAndLeavesNothing() throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen()) {
            Address address = RawPeer.addressOf(listening);
            assertRefused("loop.connect(…)", () -> Connection.connect(address));
            assertRefused("loop.connect(…)", () -> Connection.connect(loop, address));
            assertRefused("loop.connect(…)", () -> Connection.connect(other, address));
            assertRefused("virtual thread", () -> Client.connect(address));
            assertRefused(
                    "virtual thread", () -> Client.builder(address).loop(loop).connect());
        }
    }

    @Test
    void acceptingIsRefusedEvenIfAPeerWaits() throws Exception {
        try (Listener listener = Listener.open(loop, FREE);
                RawPeer peer = RawPeer.connect(listener.address())) {
            assertThat(peer).isNotNull();
            assertRefused("loop.listen(…)", listener::accept);
            assertRefused("loop.listen(…)", () -> {
                listener.serve(connection -> {});
                return 0;
            });
        }
    }

    @Test
    void streamsRefuseBeforeTheyWouldHaveToWait() throws Exception {
        try (Listener listener = Listener.open(loop, FREE);
                RawPeer peer = RawPeer.connect(listener.address());
                Connection connection = listener.accept()) {
            peer.send("hello");
            assertThat(connection.in().read()).isEqualTo('h');
            assertRefused("LoopConnection", () -> connection.in().read());
            assertRefused("LoopConnection", () -> connection.in().transferTo(connection.out()));
            assertRefused("LoopConnection", () -> {
                connection.out().write(1);
                return 0;
            });
            assertThat(new String(connection.in().readNBytes(4), StandardCharsets.US_ASCII))
                    .isEqualTo("ello");
        }
    }

    @Test
    void callingAndJoiningAreRefused() throws Exception {
        try (Server server = Server.builder().onLoop("now", request -> request).listen(loop, FREE);
                Client client = Client.builder(server.address()).loop(other).connect()) {
            assertRefused("callAsync(…)", () -> client.call("now", Message.text("x")));
            assertRefused("another thread", () -> {
                server.join();
                return 0;
            });
            assertRefused("another thread", () -> {
                other.join();
                return 0;
            });
        }
    }

    @Test
    void loopsThatCloseEachOtherDoNotWait() throws Exception {
        var both = new CyclicBarrier(2);
        var one = on(loop, () -> {
            both.await();
            other.close();
            return 0;
        });
        var two = on(other, () -> {
            both.await();
            loop.close();
            return 0;
        });
        one.get(60, TimeUnit.SECONDS);
        two.get(60, TimeUnit.SECONDS);
    }

    @Test
    void loopsThatCloseEachOthersListenersAndConnectionsDoNotWait() throws Exception {
        LoopListener first = loop.listen(FREE, (connection, bytes) -> {});
        LoopListener second = other.listen(FREE, (connection, bytes) -> {});
        Connection toFirst = Connection.connect(loop, first.address());
        Connection toSecond = Connection.connect(other, second.address());
        var both = new CyclicBarrier(2);
        var one = on(loop, () -> {
            both.await();
            toSecond.close();
            second.close();
            return 0;
        });
        var two = on(other, () -> {
            both.await();
            toFirst.close();
            first.close();
            return 0;
        });
        one.get(60, TimeUnit.SECONDS);
        two.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aListenerClosedOnItsLoopDoesNotWaitForHandlers() throws Exception {
        Listener listener = Listener.open(loop, FREE);
        try (RawPeer peer = RawPeer.connect(listener.address())) {
            var entered = new CompletableFuture<Thread>();
            var mayEnd = new CompletableFuture<Integer>();
            Thread serving = Thread.ofVirtual().start(() -> serve(listener, entered, mayEnd));
            entered.get(60, TimeUnit.SECONDS);
            on(loop, () -> {
                        listener.close();
                        return mayEnd.complete(0);
                    })
                    .get(4, TimeUnit.SECONDS);
            serving.join();
            assertThat(peer.receive(0)).isEmpty();
        }
    }

    private static void serve(Listener listener, CompletableFuture<Thread> entered, CompletableFuture<Integer> mayEnd) {
        try {
            listener.serve(connection -> {
                entered.complete(Thread.currentThread());
                mayEnd.join();
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
