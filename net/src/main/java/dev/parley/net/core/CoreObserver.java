package dev.parley.net.core;

/**
 * Observes the core of a loop: it is notified if code throws, or if something blocks the loop. Called on the loop's
 * thread, or on the thread that watches the loops.
 */
public interface CoreObserver {
    /** Called if something has happened that the operator should know; the message is one line. */
    void warned(String message);

    /** Called if our own code, or the user's, threw where it should not have. */
    void failed(String where, Throwable cause);
}
