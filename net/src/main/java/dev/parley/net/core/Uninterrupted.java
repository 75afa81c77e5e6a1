package dev.parley.net.core;

/** Waits to the end, even if the thread is interrupted. The interrupt is restored after the wait. */
public final class Uninterrupted {
    /** A method that waits. If an interrupt ends it, it is called again. */
    public interface Wait {
        void run() throws InterruptedException;
    }

    private Uninterrupted() {}

    public static void run(Wait wait) {
        boolean interrupted = false;
        while (true) {
            try {
                wait.run();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
