package dev.parley.link;

import java.io.InterruptedIOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread wait for a loop, without a lock that the loop would have to take. The waiting thread must keep others
 * out with a lock of its own.
 */
final class Waiter {
    private volatile @Nullable Thread waiter;

    /**
     * Waits until the condition holds; the calling thread must be one that may block.
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

    /** Notes that something on which the condition depends has changed; any thread may call it. */
    void wake() {
        Thread waiting = waiter;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }
}
