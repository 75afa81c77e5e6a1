package dev.parley.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for something that another thread will do, with a bound. It uses the system's clock, whatever ticker the loops
 * have. Any thread except a loop's may use it.
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
     * @param what the text after "waited in vain until" in the message
     * @param condition checked on the caller's thread, five thousand times a second
     * @throws AssertionError if it did not become true; the message names it
     */
    public static void until(String what, BooleanSupplier condition) {
        if (!within(LONG, condition)) {
            throw new AssertionError("waited " + LONG.toSeconds() + " s in vain until " + what);
        }
    }

    /**
     * {@return whether the condition became true in that time}
     *
     * @param time the longest time to wait; zero checks once
     * @param condition checked on the caller's thread, five thousand times a second
     */
    public static boolean within(Duration time, BooleanSupplier condition) {
        long end = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return condition.getAsBoolean();
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
        return true;
    }
}
