package dev.parley.link;

import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread wait for a condition that a loop changes, without a lock that the loop would have to take. Only one
 * thread may wait at a time; the callers ensure this with a lock of their own.
 */
final class Waiter {
    private volatile @Nullable Thread waiter;
    private final List<Runnable> observers = new CopyOnWriteArrayList<>();

    /**
     * Waits until the condition is true. The calling thread must be allowed to block.
     *
     * @throws InterruptedIOException if the thread was interrupted; its flag stays set
     */
    void await(BooleanSupplier condition, String what) throws InterruptedIOException {
        if (condition.getAsBoolean()) {
            return;
        }
        waiter = Thread.currentThread();
        try {
            while (!condition.getAsBoolean()) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("interrupted while " + what);
                }
                LockSupport.park(this);
            }
        } finally {
            waiter = null;
        }
    }

    /** Adds a task that is run after each change, on the thread of the change; it must be quick. */
    void observe(Runnable task) {
        observers.add(task);
    }

    /** Removes a task that was added. */
    void forget(Runnable task) {
        observers.remove(task);
    }

    /**
     * Wakes the waiting thread, so that it checks its condition again. Called after each change on which the condition
     * may depend. Any thread may call this.
     */
    void wake() {
        for (Runnable observer : observers) {
            observer.run();
        }
        Thread waiting = waiter;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }
}
