package dev.parley.net.time;

/**
 * A ticker is a source of monotonic time, and the only clock of timers and timeouts. They never use wall time, so a
 * change of the system's clock does not affect them.
 *
 * {@snippet :
 * Ticker ticker = Ticker.SYSTEM;
 * long start = ticker.nanos();
 * Duration passed = Duration.ofNanos(ticker.nanos() - start); // only differences mean something
 * EventLoop loop = EventLoop.builder().ticker(ticker).start();
 * }
 *
 * <p>A test can pass a ticker that it moves by hand: {@code ManualTicker} of the test kit.
 */
public interface Ticker {
    /** The system's monotonic clock, {@link System#nanoTime}. */
    Ticker SYSTEM = System::nanoTime;

    /**
     * {@return the nanoseconds since some fixed moment, which may be negative and may overflow; only differences have a
     * meaning} Any thread may call this method.
     */
    long nanos();

    /**
     * {@return whether this time passes by itself, so that a loop can wait until a timer is due; true by default} If
     * the time does not pass by itself, a loop waits until the callback of {@link #onAdvance} wakes it.
     */
    default boolean passesByItself() {
        return true;
    }

    /**
     * Registers a callback, which is called whenever the time was moved by hand. If the time passes by itself, the
     * callback is never called.
     *
     * @param look the callback, which is called on the thread that moves the time, and must not block
     * @return an action that ends the registration
     */
    default Runnable onAdvance(Runnable look) {
        return () -> {};
    }
}
