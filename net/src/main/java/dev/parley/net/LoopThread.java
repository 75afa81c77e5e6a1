package dev.parley.net;

/** The thread of a loop, recognised as one wherever something is about to block. */
final class LoopThread extends Thread {
    LoopThread(String name, boolean daemon, Runnable run) {
        super(run, name);
        setDaemon(daemon);
    }
}
