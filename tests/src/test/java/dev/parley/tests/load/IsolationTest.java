package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what one peer does at a thousand connections: the bytes of all others come back. */
@Timeout(300)
class IsolationTest {
    private static final int OTHERS = 1_000;
    private static final int ROUNDS = 5;
    private static final int MESSAGE_BYTES = 64;

    private final Census census = new Census();

    @ParameterizedTest
    @ValueSource(strings = {"reset", "slow", "deaf"})
    void onTheLoop(String how) throws Exception {
        try (EventLoop server =
                        census.watch(EventLoop.builder().observer(census).start());
                LoopListener listener =
                        server.listen("tcp://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))) {
            misbehave(how, listener.address());
        }
        census.assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "slow", "deaf"})
    void onStreams(String how) throws Exception {
        try (Listener listener =
                Listener.open(EventLoop.builder().observer(census), Address.parse("tcp://127.0.0.1:0"))) {
            Thread.ofVirtual().start(() -> {
                try {
                    listener.serve(connection -> connection.in().transferTo(connection.out()));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            misbehave(how, listener.address());
        }
        census.assertNothingLeft();
    }

    private void misbehave(String how, Address address) throws Exception {
        try (RawPeer peer = RawPeer.connect(address);
                EventLoop clients =
                        census.watch(EventLoop.builder().observer(census).start())) {
            var run = new Others(clients, address);
            switch (how) {
                case "reset" -> {
                    peer.send(new byte[100_000]);
                    peer.reset();
                }
                case "slow" -> peer.send((byte) 1);
                default -> Thread.ofVirtual().start(() -> flood(peer));
            }
            run.finish();
        }
    }

    /** Sends for as long as the server takes it, and reads nothing. */
    private static void flood(RawPeer peer) {
        try {
            for (int i = 0; i < 1_000; i++) {
                peer.send(new byte[64 * 1024]);
            }
        } catch (Exception closedWithTheTest) {
            return;
        }
    }

    /** A thousand clients that each ask and wait, several times. */
    private static final class Others {
        private final CountDownLatch done = new CountDownLatch(OTHERS);
        private final AtomicInteger complete = new AtomicInteger();

        Others(EventLoop loop, Address address) {
            for (int i = 0; i < OTHERS; i++) {
                loop.connect(address, new Asking());
            }
        }

        void finish() throws InterruptedException {
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(complete).hasValue(OTHERS);
        }

        private final class Asking implements Receiver {
            private int back;

            @Override
            public void opened(LoopConnection connection) {
                connection.send(new byte[MESSAGE_BYTES]);
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {
                back += bytes.remaining();
                if (back == ROUNDS * MESSAGE_BYTES) {
                    complete.incrementAndGet();
                    connection.close();
                } else if (back % MESSAGE_BYTES == 0) {
                    connection.send(new byte[MESSAGE_BYTES]);
                }
            }

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                done.countDown();
            }
        }
    }

    /** The test makes a thousand resets in the middle of a message: each costs its own connection. */
    @Test
    void aStormOfResets() throws Exception {
        try (EventLoop server =
                        census.watch(EventLoop.builder().observer(census).start());
                LoopListener listener =
                        server.listen("tcp://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))) {
            for (int i = 0; i < 1_000; i++) {
                RawPeer peer = RawPeer.connect(listener.address());
                peer.send(new byte[1 + i]);
                peer.reset();
            }
            Await.until("all are closed", () -> census.open() == 0);
            try (RawPeer peer = RawPeer.connect(listener.address())) {
                assertThat(peer.send("alive").receive(5)).asString().isEqualTo("alive");
            }
        }
        census.assertNothingLeft();
    }
}
