package dev.parley.net;

/**
 * Monotonic time, passed in: the only clock of timers and timeouts. Wall time is never used for them, so a changed
 * clock changes nothing.
 */
public interface Ticker {
    /** The system's monotonic clock. */
    Ticker SYSTEM = System::nanoTime;

    /** Nanoseconds since some fixed moment; only differences mean something. Any thread. */
    long nanos();

    /**
     * Whether this time passes by itself, so that waiting brings a timer closer. Where it does not, a loop waits until
     * {@link #onAdvance} tells it to look again.
     */
    default boolean passesByItself() {
        return true;
    }

    /**
     * Asks to be told whenever time was moved by hand; time that passes by itself never tells.
     *
     * @param look called on the thread that moves the time
     * @return ends it
     */
    default Runnable onAdvance(Runnable look) {
        return () -> {};
    }
}
