package dev.parley.server;

/** Work that the loop gives to a virtual thread, and gets back when it is done. */
interface ExecutorTask {
    /** Does it; the virtual thread. What it throws it keeps. */
    void run();

    /** It has run; the loop's thread. */
    void tellReturned();

    /** {@link #tellReturned} threw: what it was about ends, and nothing else. The loop's thread. */
    void tellFailed(Throwable thrown);
}
