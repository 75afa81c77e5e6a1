package dev.parley.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits until another thread has done something, up to a time limit. It uses the system's clock, even if the loops have
 * another ticker. Any thread except a loop's thread may use it.
 *
 * {@snippet :
 * var received = new AtomicLong();
 * loop.listen("mem:count", (connection, bytes) -> received.addAndGet(bytes.remaining()));
 * Await.until("all 100 bytes are there", () -> received.get() == 100);
 * }
 */
public final class Await {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final long LOOK_EVERY_NANOS = 200_000;

    private Await() {}

    /**
     * Waits up to a minute for the condition.
     *
     * @param what the text after "waited 60 s in vain until" in the exception's message
     * @param condition checked on the caller's thread, five thousand times a second
     * @throws AssertionError if the condition did not become true in time, or the thread is interrupted (its interrupt
     *     flag stays set); the message contains {@code what}
     */
    public static void until(String what, BooleanSupplier condition) {
        if (!within(LONG, what, condition)) {
            throw new AssertionError("waited " + LONG.toSeconds() + " s in vain until " + what);
        }
    }

    /**
     * {@return whether the condition became true in that time}
     *
     * @param time the longest time to wait; if it is zero, the condition is checked without waiting
     * @param condition checked on the caller's thread, five thousand times a second
     * @throws AssertionError if the thread is interrupted before the condition has become true (its interrupt flag
     *     stays set)
     */
    public static boolean within(Duration time, BooleanSupplier condition) {
        return within(time, "the condition is true", condition);
    }

    private static boolean within(Duration time, String what, BooleanSupplier condition) {
        long end = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return condition.getAsBoolean();
            }
            if (Thread.currentThread().isInterrupted()) { // parkNanos would not wait any more
                throw new AssertionError("interrupted while waiting until " + what);
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
        return true;
    }
}
