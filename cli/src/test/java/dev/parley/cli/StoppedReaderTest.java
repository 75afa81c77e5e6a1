package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the last line of a command, whose process must end even if the reader of its output has stopped. */
@Timeout(60)
class StoppedReaderTest {
    /** A full pipe: a write waits until the reader goes on. */
    private static final class Full extends OutputStream {
        private final CountDownLatch writing = new CountDownLatch(1);
        private final CountDownLatch goesOn = new CountDownLatch(1);

        @Override
        public void write(int ignored) {
            writing.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void itIsPrinted() {
        var err = new ByteArrayOutputStream();
        var io = new Io(InputStream.nullInputStream(), OutputStream.nullOutputStream(), err, false);
        Shutdown.errLine("parley: closed", Duration.ofSeconds(60), io);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("parley: closed\n");
    }

    @Test
    void itIsLostIfAnotherThreadWritesForEver() throws Exception {
        var full = new Full();
        var io = new Io(InputStream.nullInputStream(), full, OutputStream.nullOutputStream(), false);
        Thread writes = Thread.ofPlatform().daemon().start(() -> {
            try {
                io.outLine("a result");
            } catch (Io.OutputClosedException e) {
                throw new AssertionError(e);
            }
        });
        full.writing.await();
        Shutdown.errLine("parley: closed", io);
        assertThat(writes.isAlive()).isTrue();
        full.goesOn.countDown();
        writes.join();
    }
}
