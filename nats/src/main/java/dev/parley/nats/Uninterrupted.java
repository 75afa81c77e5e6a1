package dev.parley.nats;

import java.util.function.Supplier;

/**
 * Calls jnats although the thread is interrupted. jnats would silently drop what it gets: it waits for its queue, and
 * takes an interrupt for a full one.
 */
final class Uninterrupted {
    private Uninterrupted() {}

    /** Runs a task, and lets the thread be interrupted again afterwards if it was before. */
    static void run(Runnable task) {
        var _ = call(() -> {
            task.run();
            return true;
        });
    }

    /** Returns what a task returns, and lets the thread be interrupted again afterwards if it was before. */
    static <T> T call(Supplier<T> task) {
        boolean wasInterrupted = Thread.interrupted();
        try {
            return task.get();
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
