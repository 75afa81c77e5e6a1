package dev.parley.net.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadCpuTimeTest {
    @Test
    void aThreadThatWorksUsesTimeAndOneThatWaitsDoesNot() throws Exception {
        assumeTrue(ThreadCpuTime.ofThisThread().nanos() != ThreadCpuTime.UNKNOWN, "the system does not show it");
        var time = new CompletableFuture<ThreadCpuTime>();
        var work = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            ThreadCpuTime own = ThreadCpuTime.ofThisThread();
            time.complete(own);
            await(work);
            long before = own.nanos();
            while (own.nanos() - before < 5_000_000) {
                Thread.onSpinWait();
            }
            await(end);
        });
        ThreadCpuTime of = time.get(20, TimeUnit.SECONDS);
        awaitWaiting(thread, of);
        long waiting = of.nanos();
        work.countDown();
        while (of.nanos() - waiting < 5_000_000) {
            Thread.onSpinWait();
        }
        awaitWaiting(thread, of);
        end.countDown();
        thread.join();
        while (of.nanos() != ThreadCpuTime.UNKNOWN) {
            Thread.onSpinWait(); // the system keeps it for a moment longer
        }
        assertThat(of.waitsInSystem()).isFalse();
    }

    private static void awaitWaiting(Thread thread, ThreadCpuTime time) {
        while (thread.getState() != Thread.State.WAITING || !time.waitsInSystem()) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
