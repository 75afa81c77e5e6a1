package dev.parley.net.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class HandshakeLimitTest {
    private static final int THREADS = 4;
    private static final int AT_ONCE = 8;
    private static final int ROUNDS = 5_000;

    @Test
    void isBusyFromThirtyTwoStepsDownToSixteen() {
        var limit = new HandshakeLimit(100);
        for (int i = 1; i <= 32; i++) {
            assertThat(limit.isBusy()).as("before step %d", i).isFalse();
            limit.workBegins();
        }
        for (int left = 32; left > 16; left--) {
            assertThat(limit.isBusy()).as("with %d steps", left).isTrue();
            limit.workEnds();
        }
        assertThat(limit.isBusy()).as("with 16 steps").isFalse();
    }

    /** Loops and the threads of handshakes count at the same time: what waits in the backlog must not wait for ever. */
    @Test
    void isNotBusyWhenAllStepsHaveEnded() throws Exception {
        var limit = new HandshakeLimit(100);
        var together = new CyclicBarrier(THREADS);
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(threads.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        together.await();
                        for (int step = 0; step < AT_ONCE; step++) {
                            limit.workBegins();
                        }
                        for (int step = 0; step < AT_ONCE; step++) {
                            limit.workEnds();
                        }
                        together.await();
                        assertThat(limit.isBusy()).as("after round %d", round).isFalse();
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }
}
