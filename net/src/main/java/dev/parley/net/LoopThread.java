package dev.parley.net;

/** The thread of a loop, recognised as one wherever something is about to block. */
final class LoopThread extends Thread {
    LoopThread(String name, boolean daemon, Runnable run) {
        super(run, name);
        setDaemon(daemon);
    }

    /**
     * Returns true if the caller may wait. Closing is never refused, but on the thread of a loop it does not wait: two
     * loops that close what is the other's would wait for ever.
     */
    static boolean mayBlock() {
        return !(Thread.currentThread() instanceof LoopThread);
    }
}
