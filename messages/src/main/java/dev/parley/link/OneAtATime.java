package dev.parley.link;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time, on the thread that brings them or on a thread that is running another of them. So no thread
 * waits for another one. Any thread may use it.
 */
public final class OneAtATime {
    /** The tasks that came while another thread ran one. */
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    private final AtomicInteger count = new AtomicInteger();
    private volatile @Nullable Thread runner;

    /** Makes an object that has no task yet. */
    public OneAtATime() {}

    /**
     * Runs a task now, if no other thread runs one. Otherwise that thread runs it. If a task brings another task, that
     * task runs at once, inside the first one. If a task throws an exception, the thread that runs it gets the
     * exception, after it has run the other tasks.
     */
    public void run(Runnable task) {
        if (runner == Thread.currentThread()) {
            task.run();
        } else if (tasks.isEmpty() && count.compareAndSet(0, 1)) { // an earlier task of this thread may still wait
            runFrom(task);
        } else {
            tasks.add(task);
            if (count.getAndIncrement() == 0) {
                runFrom(tasks.remove());
            }
        }
    }

    /** Runs a task, and then those that came meanwhile. */
    private void runFrom(Runnable first) {
        Runnable next = first;
        boolean goesOn = true;
        try {
            while (goesOn) {
                runner = Thread.currentThread();
                next.run();
                runner = null;
                goesOn = count.decrementAndGet() > 0;
                if (goesOn) {
                    next = tasks.remove();
                }
            }
        } finally {
            if (goesOn) { // a task has thrown an exception
                runner = null;
                if (count.decrementAndGet() > 0) {
                    runFrom(tasks.remove());
                }
            }
        }
    }
}
