package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Connection;
import dev.parley.net.ConnectionClosedException;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.MemoryCap;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the memory of the bytes that a blocking connection has received and no thread has read. */
@Timeout(60)
class ReceivedBytesTest {
    private static final int KIB = 1024;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final MemNetwork network = new MemNetwork();
    private final MemoryCap cap = MemoryCap.of(16 * KIB * KIB);
    private final EventLoop loop =
            bed.newLoop(EventLoop.builder().transport(network).memory(cap));

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int available(Connection connection) {
        try {
            return connection.in().available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each of these bytes is an array of its own, which takes far more memory than its byte. */
    @Test
    void whatArrivesByteByByteCountsWithTheMemoryThatItTakes() throws Exception {
        Listener listener = bed.keep(Listener.open(loop, Wire.MEM.free()));
        Connection client = bed.keep(Connection.connect(loop, listener.address()));
        Connection accepted = bed.keep(listener.accept());
        for (int i = 1; i <= 300; i++) {
            int sent = i;
            client.out().write(7);
            Await.until(i + " bytes are there", () -> available(accepted) == sent);
        }
        Await.until("they count", () -> cap.heldBytes() >= 300 * 48);
        // So many arrays are too much, so the loop reads no more until some are taken.
        for (int i = 0; i < 3_000; i++) {
            client.out().write(7);
        }
        assertThat(accepted.in().readNBytes(3_300)).hasSize(3_300);
    }

    /** One step takes all bytes. It must not wait until the loop goes on reading, which never happens. */
    @Test
    void whatIsReadAfterTheCloseOfAPausedConnectionIsGivenBack() throws Exception {
        Listener listener = bed.keep(Listener.open(loop, Wire.MEM.free()));
        Connection client = Connection.connect(loop, listener.address());
        Connection accepted = bed.keep(listener.accept());
        var holding = new CountDownLatch(1);
        loop.execute(() -> awaitQuietly(holding)); // so that the loop reads all of them at once
        client.out().write(new byte[64 * KIB]);
        holding.countDown();
        Await.until("all are there", () -> available(accepted) == 64 * KIB);
        client.reset();
        assertThatThrownBy(() -> {
                    while (true) {
                        accepted.out().write(new byte[KIB]);
                    }
                })
                .isInstanceOf(ConnectionClosedException.class);
        Await.until("it is closed", () -> accepted.info().closeReason() != null);
        Await.until("its bytes count", () -> cap.heldBytes() >= 64 * KIB);
        assertThat(accepted.in().readNBytes(64 * KIB)).hasSize(64 * KIB);
        Await.until("nothing counts any more", () -> cap.heldBytes() == 0);
    }
}
