package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests that timers fire in the order of their times and never early. */
class TimerContract extends LoopContract {
    TimerContract(Wire wire) {
        super(wire);
    }

    @Test
    void timersFireInTheOrderOfTheirTimesAndNeverEarly() throws Exception {
        EventLoop loop = newLoop();
        var fired = new CopyOnWriteArrayList<String>();
        var set = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            loop.schedule(Duration.ofSeconds(3), () -> fired.add("three"));
            loop.schedule(Duration.ofSeconds(1), () -> fired.add("one"));
            loop.schedule(Duration.ofSeconds(2), () -> fired.add("two"));
            loop.schedule(Duration.ofSeconds(2), () -> fired.add("two again"));
            set.complete(true);
        });
        get(set);
        ticker.advance(Duration.ofMillis(999));
        settle(loop);
        assertThat(fired).isEmpty();
        ticker.advance(Duration.ofMillis(1));
        Await.until("the first fires", () -> fired.size() == 1);
        ticker.advance(Duration.ofSeconds(5));
        Await.until("all fire", () -> fired.size() == 4);
        assertThat(fired).containsExactly("one", "two", "two again", "three");
    }

    @Test
    void aCancelledTimerDoesNotFire() throws Exception {
        EventLoop loop = newLoop();
        var fired = new AtomicInteger();
        var set = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            for (int i = 0; i < 1_000; i++) {
                var timer = loop.schedule(SECOND, fired::incrementAndGet);
                if (i % 10 != 0) {
                    timer.cancel();
                    timer.cancel();
                }
            }
            set.complete(true);
        });
        get(set);
        ticker.advance(SECOND);
        Await.until("those that stay fire", () -> fired.get() == 100);
        settle(loop);
        assertThat(fired).hasValue(100);
    }

    @Test
    void aTimerMaySetTheNext() throws Exception {
        EventLoop loop = newLoop();
        var fired = new AtomicInteger();
        var set = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            loop.schedule(SECOND, () -> {
                loop.schedule(SECOND, fired::incrementAndGet);
                fired.incrementAndGet();
            });
            set.complete(true);
        });
        get(set);
        ticker.advance(SECOND);
        Await.until("the first fires", () -> fired.get() == 1);
        ticker.advance(SECOND);
        Await.until("the second fires", () -> fired.get() == 2);
    }

    @Test
    void aTimerThatSetsItselfAgainLeavesOthersTheirTurn() throws Exception {
        EventLoop loop = newLoop();
        var runs = new AtomicInteger();
        loop.execute(() -> again(loop, runs));
        settle(loop);
        Await.until("it goes on", () -> runs.get() > 10);
        settle(loop);
    }

    private static void again(EventLoop loop, AtomicInteger runs) {
        runs.incrementAndGet();
        loop.schedule(Duration.ZERO, () -> again(loop, runs));
    }
}
