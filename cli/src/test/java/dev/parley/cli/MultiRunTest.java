package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.time.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the client with many connections, and a server that accepts only some of them at first. */
@Timeout(120)
class MultiRunTest {
    private static final int CONNECTIONS = 6;
    private static final Duration MOMENT = Duration.ofMillis(10);

    /** A clock that the test moves. */
    private record StillTicker(AtomicLong nowNanos) implements Ticker {
        @Override
        public long nanos() {
            return nowNanos.get();
        }

        @Override
        public boolean passesByItself() {
            return false;
        }
    }

    /**
     * The connections are silent until the last one is there, however long that takes, so the server is not the cause.
     */
    @Test
    void connectionsThatWaitForTheOthersAreNotGivenUp() throws Exception {
        var ticker = new StillTicker(new AtomicLong());
        Limits limits = Limits.DEFAULT.withIdleTimeout(Duration.ofSeconds(2));
        try (var server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1")); // room for the first few
                EventLoop loop =
                        EventLoop.builder().ticker(ticker).limits(limits).start()) {
            Address address = Address.parse("tcp://127.0.0.1:" + server.getLocalPort());
            MultiRun run = MultiRun.start(loop, address, CONNECTIONS, new byte[] {1, 2, 3});
            while (run.progress().open() == 0) {
                assertThat(run.isDoneWithin(MOMENT)).isFalse();
            }
            ticker.nowNanos.addAndGet(Duration.ofSeconds(3).toNanos());
            loop.execute(() -> Thread.ofVirtual().start(() -> echoAll(server)));
            MultiRun.Report report = run.await();
            assertThat(report.failures()).isEmpty();
            assertThat(report.complete()).isEqualTo(CONNECTIONS);
        }
    }

    private static void echoAll(ServerSocket server) {
        try {
            while (true) {
                Socket peer = server.accept();
                Thread.ofVirtual().start(() -> echo(peer));
            }
        } catch (IOException closed) {
            return;
        }
    }

    private static void echo(Socket peer) {
        try (peer) {
            peer.getInputStream().transferTo(peer.getOutputStream());
        } catch (IOException ended) {
            return;
        }
    }
}
