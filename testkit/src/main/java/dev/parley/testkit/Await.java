package dev.parley.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread will do, with a bound. */
public final class Await {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final long LOOK_EVERY_NANOS = 200_000;

    private Await() {}

    /** Waits up to 20 s for the condition; an {@link AssertionError} names what did not come. */
    public static void until(String what, BooleanSupplier condition) {
        if (!within(LONG, condition)) {
            throw new AssertionError("waited " + LONG.toSeconds() + " s in vain until " + what);
        }
    }

    /** Whether the condition became true in that time. */
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
