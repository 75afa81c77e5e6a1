package dev.parley.net;

import java.io.InterruptedIOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A waiter lets one thread of a blocking connection wait for its loop. The loop makes the condition true and then
 * signals; the loop itself never waits. At most one thread waits at a time.
 */
final class Waiter {
    private final BooleanSupplier condition;
    private volatile @Nullable Thread waiting;

    Waiter(BooleanSupplier condition) {
        this.condition = condition;
    }

    void await(String what) throws InterruptedIOException {
        waiting = Thread.currentThread();
        try {
            while (!condition.getAsBoolean()) {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while waiting to " + what);
                }
            }
        } finally {
            waiting = null;
        }
    }

    void signal() {
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
