package dev.parley.net.core;

/** Waits to the end: an interrupt does not cut the wait short, and is set again afterwards. */
public final class Uninterrupted {
    /** Something that waits; run again after an interrupt. */
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
