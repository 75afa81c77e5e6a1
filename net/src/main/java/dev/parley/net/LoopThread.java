package dev.parley.net;

/** The thread of a loop. Code that is about to block recognises it by this type. */
final class LoopThread extends Thread {
    LoopThread(String name, boolean daemon, Runnable run) {
        super(run, name);
        setDaemon(daemon);
    }

    /**
     * Returns true if the caller may wait. Closing is never refused, but on the thread of a loop it does not wait: two
     * loops that close each other's objects would wait for ever.
     */
    static boolean mayBlock() {
        return !(Thread.currentThread() instanceof LoopThread);
    }
}
