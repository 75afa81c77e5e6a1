package dev.parley.link;

import java.io.InterruptedIOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread that waits for a loop, without a lock that the loop would have to take. Whoever waits holds off others by
 * a lock of its own.
 */
final class Waiter {
    private volatile @Nullable Thread waiter;

    /**
     * Waits until the condition holds; a thread that may block.
     *
     * @throws InterruptedIOException when it was interrupted; its flag stays set
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

    /** What the condition hangs on has changed; any thread. */
    void wake() {
        Thread waiting = waiter;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }
}
