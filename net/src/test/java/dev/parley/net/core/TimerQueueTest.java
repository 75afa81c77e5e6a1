package dev.parley.net.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
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

    private static List<String> fire(TimerQueue queue, long nowNanos, List<String> fired) {
        queue.fire(nowNanos, QueuedTimer::run);
        var now = List.copyOf(fired);
        fired.clear();
        return now;
    }

    @Test
    void timersOfOneTimeFireInTheOrderInWhichTheyWereMade() {
        var queue = new TimerQueue();
        var fired = new ArrayList<String>();
        queue.add(20, () -> fired.add("c"));
        queue.add(10, () -> fired.add("a"));
        queue.add(20, () -> fired.add("d"));
        queue.add(10, () -> fired.add("b"));
        queue.add(21, () -> fired.add("late"));
        assertThat(fire(queue, 9, fired)).isEmpty();
        assertThat(fire(queue, 20, fired)).containsExactly("a", "b", "c", "d");
        assertThat(queue.size()).isEqualTo(1);
        assertThat(queue.nanosUntilNext(20)).isEqualTo(1);
        assertThat(queue.nanosUntilNext(30)).isZero();
    }

    /** The sockets have their turn in between. */
    @Test
    void notMoreThanSixteenFireInOneTurn() {
        var queue = new TimerQueue();
        var fired = new ArrayList<String>();
        for (int i = 0; i < 40; i++) {
            queue.add(i, () -> fired.add("due"));
        }
        assertThat(fire(queue, 100, fired)).hasSize(16);
        assertThat(fire(queue, 100, fired)).hasSize(16);
        assertThat(fire(queue, 100, fired)).hasSize(8);
        assertThat(fire(queue, 100, fired)).isEmpty();
    }

    @Test
    void aTimerThatIsMadeMeanwhileWaitsForTheNextTurn() {
        var queue = new TimerQueue();
        var fired = new ArrayList<String>();
        queue.add(1, () -> {
            fired.add("first");
            queue.add(0, () -> fired.add("again"));
        });
        assertThat(fire(queue, 5, fired)).containsExactly("first");
        assertThat(fire(queue, 5, fired)).containsExactly("again");
    }

    @Test
    void cancelledTimersDoNotFireAndDoNotCount() {
        var queue = new TimerQueue();
        var fired = new ArrayList<String>();
        var timers = new ArrayList<QueuedTimer>();
        for (int i = 0; i < 1_000; i++) {
            int number = i;
            timers.add(queue.add(i / 10, () -> fired.add("" + number)));
        }
        for (int i = 0; i < 1_000; i++) {
            if (i % 100 != 7) {
                timers.get(i).cancel();
                timers.get(i).cancel(); // which changes nothing
            }
        }
        assertThat(queue.size()).isEqualTo(10);
        assertThat(fire(queue, 1_000, fired))
                .containsExactly("7", "107", "207", "307", "407", "507", "607", "707", "807", "907");
        assertThat(queue.size()).isZero();
        timers.get(7).cancel(); // it has run
        assertThat(queue.size()).isZero();
        assertThat(queue.nanosUntilNext(0)).isEqualTo(Long.MAX_VALUE);
    }
}
