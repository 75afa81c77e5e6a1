package dev.parley.server;

import dev.parley.net.EventLoop;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks at requests whose contents are too large, or packed, so that it would hold up the loop: one after another, on a
 * thread of its own, which ends when nothing has come for a second; to start one costs more than most contents. Each
 * connection has one here at a time, so all have their turn; and handlers, which run on virtual threads, keep their
 * processors. Any thread adds.
 */
final class ContentPreparer {
    private static final long IDLE_SECONDS = 1;

    private final EventLoop loop;
    private final ThreadPoolExecutor thread;

    ContentPreparer(EventLoop loop) {
        this.loop = loop;
        thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("parley-prepare").factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * Prepares it behind the others.
     *
     * @param done run on the loop's thread afterwards
     */
    void add(ContentPreparation preparation, Runnable done) {
        var isTaken = new AtomicBoolean();
        Runnable task = () -> {
            if (isTaken.compareAndSet(false, true)) {
                preparation.run();
                loop.tryExecute(done);
                giveWay();
            }
        };
        try {
            thread.execute(task);
        } catch (Throwable noThread) {
            thread.remove(task); // it may be queued all the same, and a later thread would do it again
            if (isTaken.compareAndSet(false, true)) {
                preparation.notPossible();
                loop.tryExecute(done);
            }
        }
    }

    /** On a machine of one processor the loop would wait for all that are queued here. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it
    private static void giveWay() {
        Thread.yield();
    }
}
