package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests which failures of handlers are logged, and how the others are counted. */
@Timeout(60)
class FailureLogTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final CompletableFuture<String> warned = new CompletableFuture<>();

    private final LoopObserver observer = new LoopObserver() {
        @Override
        public void failed(String where, Throwable cause) {
            told.add(where);
        }

        @Override
        public void warned(String message) {
            warned.complete(message);
        }
    };

    private static Throwable thrownHere() {
        return new IllegalStateException("its own");
    }

    @Test
    void theSameFailureIsToldOnceASecondAndCounted() throws Exception {
        try (EventLoop loop =
                EventLoop.builder().observer(observer).ticker(nanos::get).start()) {
            var log = new FailureLog(observer);
            for (int i = 0; i < 1_000; i++) {
                log.failed(loop, "the handler of 'a' on connection " + i, thrownHere());
            }
            log.failed(loop, "b", thrownHere());
            assertThat(told).containsExactly("the handler of 'a' on connection 0", "b");
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            log.failed(loop, "the handler of 'a' on connection 2", thrownHere());
            assertThat(told).hasSize(3);
            loop.execute(() -> {}); // wakes the loop, whose timer is due
            assertThat(warned.get(30, TimeUnit.SECONDS))
                    .startsWith("999 further failures of handlers are not in the log")
                    .endsWith("999 are of one kind, in the handler of 'a'");
        }
    }
}
