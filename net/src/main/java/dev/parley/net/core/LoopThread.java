package dev.parley.net.core;

/** The thread of a loop. Code that is about to block recognises it by this type. */
public final class LoopThread extends Thread {
    private final Object owner;

    public LoopThread(String name, boolean daemon, Runnable run, Object owner) {
        super(run, name);
        this.owner = owner;
        setDaemon(daemon);
    }

    /** Returns the loop whose thread this is, as an object of the layer above. */
    public Object owner() {
        return owner;
    }

    /**
     * Returns true if the caller may wait, because it is not the thread of a loop. A close on the thread of a loop is
     * allowed, but must not wait: two loops that close each other's objects would wait for ever.
     */
    public static boolean mayBlock() {
        return !(Thread.currentThread() instanceof LoopThread);
    }
}
