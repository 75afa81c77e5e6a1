package dev.parley.net;

/**
 * Monotonic time, passed in: the only clock of timers and timeouts. Wall time is never used for them, so a changed
 * clock changes nothing.
 *
 * {@snippet :
 * Ticker ticker = Ticker.SYSTEM;
 * long start = ticker.nanos();
 * Duration passed = Duration.ofNanos(ticker.nanos() - start); // only differences mean something
 * EventLoop loop = EventLoop.builder().ticker(ticker).start();
 * }
 *
 * <p>Tests pass one that moves when they say so: {@code ManualTicker} of the test kit.
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
     * {@return whether this time passes by itself, so that waiting brings a timer closer} Where it does not, a loop
     * waits until {@link #onAdvance} tells it to look again. True by default.
     */
    default boolean passesByItself() {
        return true;
    }

    /**
     * Asks to be told whenever time was moved by hand; time that passes by itself never tells.
     *
     * @param look called on the thread that moves the time; it does not block
     * @return ends it
     */
    default Runnable onAdvance(Runnable look) {
        return () -> {};
    }
}
