package dev.parley.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests that a task that throws runs again, and is reported. */
class RepeaterTest {
    @Test
    void aTaskThatThrowsIsReportedAndComesAgain() {
        var failures = new AtomicInteger();
        var observer = new LoopObserver() {
            @Override
            public void failed(String where, Throwable cause) {
                assertThat(where).isEqualTo("beats");
                failures.incrementAndGet();
            }
        };
        try (var beats = new Repeater("beats", observer)) {
            var _ = beats.every(1_000_000, () -> {
                throw new AssertionError("as asked");
            });
            Await.until("it has come again", () -> failures.get() >= 3);
        }
    }
}
