package dev.parley.link;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time, on the thread that brings them or on a thread that is running another of them. So no thread
 * waits for another one. Any thread may use it.
 */
final class OneAtATime {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile @Nullable Thread runner;

    /**
     * Runs a task now, if no other thread runs one. Otherwise that thread runs it. If a task brings another task, that
     * task runs at once, inside the first one. A task must not throw an exception.
     */
    void run(Runnable task) {
        if (runner == Thread.currentThread()) {
            task.run();
            return;
        }
        tasks.add(task);
        if (count.getAndIncrement() > 0) {
            return;
        }
        do {
            runner = Thread.currentThread();
            tasks.remove().run();
            runner = null;
        } while (count.decrementAndGet() > 0);
    }
}
