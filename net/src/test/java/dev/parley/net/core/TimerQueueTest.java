package dev.parley.net.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class TimerQueueTest {
    @Test
    void theLongestDurationIsStillATimer() {
        assertThat(Nanos.of(ChronoUnit.FOREVER.getDuration())).isPositive().isLessThan(Long.MAX_VALUE);
        assertThat(Nanos.ofTimeout(Duration.ZERO)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void timersGoOverTheEndOfNanoTime() {
        var queue = new TimerQueue();
        long almost = Long.MAX_VALUE - 5;
        queue.add(almost + 10, () -> {});
        queue.add(almost + 1, () -> {});
        assertThat(queue.nanosUntilNext(almost)).isEqualTo(1);
        assertThat(queue.takeDue(almost + 1, Long.MAX_VALUE)).isNotNull();
        assertThat(queue.takeDue(almost + 9, Long.MAX_VALUE)).isNull();
        assertThat(queue.takeDue(almost + 10, Long.MAX_VALUE)).isNotNull();
        assertThat(queue.nanosUntilNext(almost)).isEqualTo(Long.MAX_VALUE);
    }
}
