package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tests that a flood of reasons to write a line causes a bounded number of lines. */
class ThrottleTest {
    @Test
    void soManyPassInEachSpanAndTheOthersAreCounted() {
        var now = new AtomicLong();
        var throttle = new Throttle(now::get);
        for (int i = 0; i < Throttle.LINES_MAX; i++) {
            assertThat(throttle.allows()).isTrue();
        }
        assertThat(throttle.allows()).isFalse();
        assertThat(throttle.allows()).isFalse();
        now.addAndGet(Throttle.SPAN.toNanos());
        assertThat(throttle.allows()).isTrue();
        assertThat(throttle.takeUntold()).isEqualTo(2);
        assertThat(throttle.takeUntold()).isZero();
    }
}
