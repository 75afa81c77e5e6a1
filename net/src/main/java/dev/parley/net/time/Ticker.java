package dev.parley.net.time;

/**
 * A ticker is a source of monotonic time: the only clock of timers and timeouts. Wall time is never used for them, so a
 * changed clock changes nothing.
 *
 * {@snippet :
 * Ticker ticker = Ticker.SYSTEM;
 * long start = ticker.nanos();
 * Duration passed = Duration.ofNanos(ticker.nanos() - start); // only differences mean something
 * EventLoop loop = EventLoop.builder().ticker(ticker).start();
 * }
 *
 * <p>A test passes one that it moves by hand: {@code ManualTicker} of the test kit.
 */
public interface Ticker {
    /** The system's monotonic clock, {@link System#nanoTime}. */
    Ticker SYSTEM = System::nanoTime;

    /**
     * {@return nanoseconds since some fixed moment, which may be negative and may wrap; only differences mean
     * something} Any thread.
     */
    long nanos();

    /**
     * {@return whether this time passes by itself, so that waiting brings a timer closer} If it does not, a loop waits
     * until {@link #onAdvance} makes it look again. True by default.
     */
    default boolean passesByItself() {
        return true;
    }

    /**
     * Registers a callback for whenever time was moved by hand; time that passes by itself never calls it.
     *
     * @param look called on the thread that moves the time; it does not block
     * @return ends the registration
     */
    default Runnable onAdvance(Runnable look) {
        return () -> {};
    }
}
