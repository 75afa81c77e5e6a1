package dev.parley.nats;

/**
 * Hands something to jnats although the thread is interrupted. jnats would silently drop it: it waits for its queue,
 * and takes an interrupt for a full one.
 */
final class Uninterrupted {
    private Uninterrupted() {}

    /** Runs a task, and lets the thread be interrupted again afterwards if it was before. */
    static void run(Runnable task) {
        boolean wasInterrupted = Thread.interrupted();
        try {
            task.run();
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
