package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ListenerTest {
    /** Waiting for each of them in turn would take the time as often as there are handlers. */
    @Test
    @Timeout(20)
    void theTimeForTheHandlersIsThatOfAllTogether() throws Exception {
        var end = new CountDownLatch(1);
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 1_000; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        assertThat(Listener.endWithin(Duration.ofMillis(50), threads)).isFalse();
        end.countDown();
        assertThat(Listener.endWithin(Duration.ofSeconds(60), threads)).isTrue();
    }
}
