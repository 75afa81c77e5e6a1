package dev.parley.server;

/** Work that the loop gives to a virtual thread, and gets back when it is done. */
interface ExecutorTask {
    /** Does the work. If the work throws an exception, keeps the exception. Called on the virtual thread. */
    void run();

    /** Reports that the work has run. Called on the loop's thread. */
    void notifyReturned();

    /**
     * Reports that {@link #notifyReturned} threw. Only the request or pause of this task ends. Called on the loop's
     * thread.
     */
    void notifyFailed(Throwable thrown);

    /** Gives back the memory that the work reserved. Called instead, on any thread, if the loop is closed. */
    void letGo();
}
