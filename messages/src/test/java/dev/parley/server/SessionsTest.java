package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.MessageLimits;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests what the sessions of one loop share: if one session asks often, or fails, the others lose nothing. */
@Timeout(60)
class SessionsTest {
    private static final int TICKS = 20;

    private final AtomicLong nanos = new AtomicLong();
    private final EventLoop loop = EventLoop.builder().ticker(nanos::get).start();
    private final Sessions sessions = new Sessions(loop, settings());

    @AfterEach
    void close() {
        loop.close();
    }

    private static ServerSettings settings() {
        LoopObserver observer = LoopObserver.logging();
        return new ServerSettings(
                new Router(Map.of(), null, Map.of(), null),
                MessageLimits.DEFAULT,
                false,
                observer,
                new FailureLog(observer),
                Thread.ofVirtual().factory(),
                new ServerCounters(),
                null,
                new ConnectionHooks(List.of(), List.of(), observer),
                List.of(),
                null,
                new Health(null),
                false,
                true);
    }

    private void onLoop(Runnable task) throws InterruptedException, ExecutionException, TimeoutException {
        var done = new CompletableFuture<Void>();
        loop.execute(() -> {
            task.run();
            done.complete(null);
        });
        done.get(30, TimeUnit.SECONDS);
    }

    /** A session for which there is never memory: each flush asks for a retry for each kind of request that waits. */
    private final class Starved implements FairQueue.Member {
        private final AtomicInteger flushes = new AtomicInteger();
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private final boolean throwsToo;

        Starved(boolean throwsToo) {
            this.throwsToo = throwsToo;
        }

        @Override
        public void flush() {
            flushes.incrementAndGet();
            sessions.retryLater(this);
            sessions.retryLater(this);
            if (throwsToo) {
                throw new IllegalStateException("on purpose");
            }
        }

        @Override
        public void nextTurn() {
            flush();
        }

        @Override
        public void failed(Throwable thrown) {
            failures.add(thrown);
        }
    }

    @Test
    void aSessionThatFindsNoMemoryIsFlushedOnceInEachTick() throws Exception {
        var first = new Starved(true);
        var second = new Starved(false);
        onLoop(() -> {
            first.guarded(first::flush);
            second.flush();
        });
        for (int i = 1; i <= TICKS; i++) {
            nanos.addAndGet(Duration.ofMillis(5).toNanos());
            int count = 1 + i;
            while (second.flushes.get() < count) {
                onLoop(() -> {}); // wakes the loop, whose timer is due
            }
            assertThat(first.flushes).hasValue(count);
            assertThat(second.flushes).hasValue(count);
        }
        assertThat(first.failures).hasSize(1 + TICKS);
        assertThat(second.failures).isEmpty();
    }

    @Test
    void aSessionThatThrowsInItsTurnTakesNoTurnFromTheOthers() throws Exception {
        var first = new Starved(true);
        var second = new Starved(false);
        onLoop(() -> {
            sessions.fairQueue().await(first);
            sessions.fairQueue().await(second);
        });
        onLoop(() -> {});
        assertThat(first.failures).hasSize(1);
        assertThat(second.flushes).hasValue(1);
    }
}
