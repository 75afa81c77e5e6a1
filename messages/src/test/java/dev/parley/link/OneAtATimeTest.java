package dev.parley.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests which thread runs a task, and what happens if a task throws. */
@Timeout(60)
class OneAtATimeTest {
    private final OneAtATime oneAtATime = new OneAtATime();
    private final List<String> ran = new ArrayList<>();

    @Test
    void aTaskInsideATaskRunsAtOnce() {
        oneAtATime.run(() -> {
            oneAtATime.run(() -> ran.add("inner"));
            ran.add("outer");
        });
        assertThat(ran).containsExactly("inner", "outer");
    }

    private static void onAnotherThread(Runnable task) {
        Thread other = Thread.ofPlatform().start(task);
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theThreadThatRunsOneRunsTheTasksOfOtherThreadsToo() {
        Thread here = Thread.currentThread();
        oneAtATime.run(() -> {
            onAnotherThread(() -> oneAtATime.run(() -> ran.add("one" + (Thread.currentThread() == here))));
            onAnotherThread(() -> oneAtATime.run(() -> ran.add("two" + (Thread.currentThread() == here))));
            ran.add("first");
        });
        oneAtATime.run(() -> ran.add("last"));
        assertThat(ran).containsExactly("first", "onetrue", "twotrue", "last");
    }

    @Test
    void aTaskThatThrowsStopsNoOther() {
        assertThatThrownBy(() -> oneAtATime.run(() -> {
                    onAnotherThread(() -> oneAtATime.run(() -> ran.add("of another thread")));
                    throw new IllegalStateException("on purpose");
                }))
                .hasMessage("on purpose");
        oneAtATime.run(() -> ran.add("here"));
        onAnotherThread(() -> oneAtATime.run(() -> ran.add("there")));
        assertThat(ran).containsExactly("of another thread", "here", "there");
    }

    @Test
    void noTwoRunAtATime() throws Exception {
        var count = new int[1];
        var done = new CountDownLatch(4);
        for (int thread = 0; thread < 4; thread++) {
            Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 10_000; i++) {
                    oneAtATime.run(() -> count[0]++);
                }
                oneAtATime.run(done::countDown);
            });
        }
        done.await();
        assertThat(count[0]).isEqualTo(40_000);
    }
}
