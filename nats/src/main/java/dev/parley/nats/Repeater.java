package dev.parley.nats;

import dev.parley.net.LoopObserver;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Repeats tasks on a thread of its own. If a task throws, this is reported, and the task comes again. */
final class Repeater implements AutoCloseable {
    private final String name;
    private final LoopObserver observer;
    private final ScheduledExecutorService thread;

    Repeater(String name, LoopObserver observer) {
        this.name = name;
        this.observer = observer;
        thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name(name).factory());
    }

    Future<?> every(long nanos, Runnable task) {
        return thread.scheduleAtFixedRate(() -> guarded(task), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            observer.failed(name, thrown); // else the executor would not repeat it
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
