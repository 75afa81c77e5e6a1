package dev.parley.server;

/** Work that the loop gives to a virtual thread, and gets back when it is done. */
interface ExecutorTask {
    /** Does the work, and keeps what that throws; called on the virtual thread. */
    void run();

    /** Reports that the work has run; called on the loop's thread. */
    void tellReturned();

    /**
     * Reports that {@link #tellReturned} threw. The request or pause that it was about ends, and nothing else; called
     * on the loop's thread.
     */
    void tellFailed(Throwable thrown);
}
