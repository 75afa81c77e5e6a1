package dev.parley.net.core;

/**
 * Observes a loop, and is notified if it cannot go on as it should. Called on the loop's thread, or on that of the
 * watch.
 */
public interface CoreObserver {
    /** Something that an operator should know, in one line. */
    void warned(String message);

    /** Our own code, or the user's, threw where it should not have. */
    void failed(String where, Throwable cause);
}
