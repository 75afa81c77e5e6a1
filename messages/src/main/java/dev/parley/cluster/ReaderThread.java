package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.cluster.DurableLog.ValueHandler;
import dev.parley.net.LoopObserver;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Reads a log on a virtual thread: takes a value, lets the handler have it, and says what became of it. */
public final class ReaderThread implements DurableLog.Reading {
    /** The time that a value that was not handled waits before it is delivered again. */
    public static final Duration RETRY = Duration.ofSeconds(1);

    /** The time that {@link #close} waits for a handler that does not react to its interrupt. */
    private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

    private final Thread thread;
    private final boolean interruptsSource;
    private volatile boolean isClosed;
    private boolean isTaking;

    /** The source of the values. */
    public interface Source {
        /**
         * Waits for the next value.
         *
         * @return the value; null if there is none yet
         * @throws Exception if the source has failed; it is asked again after {@link #RETRY}
         */
        @Nullable
        Taken take() throws Exception;
    }

    /** A value that was taken, and is neither handled nor given back. */
    public interface Taken {
        /** {@return the value; null if its bytes are not a message, so that it is skipped} */
        @Nullable
        Message value();

        /** Says that the value is handled, and does not come again. */
        void handled();

        /**
         * Says that the value is not handled, and comes again.
         *
         * @param after the time until then
         */
        void givenBack(Duration after);
    }

    private ReaderThread(
            String name, Source source, ValueHandler handler, LoopObserver observer, boolean interruptsSource) {
        this.interruptsSource = interruptsSource;
        thread = Thread.ofVirtual().name(name).unstarted(() -> run(name, source, handler, observer));
    }

    /**
     * Starts reading.
     *
     * @param name what is read, for messages
     * @param source where the values come from
     * @param handler what handles them
     * @param observer gets the failures
     * @param interruptsSource whether a source that waits may be interrupted; if not, it must not wait for long
     * @return the reading
     */
    public static ReaderThread start(
            String name, Source source, ValueHandler handler, LoopObserver observer, boolean interruptsSource) {
        var reader = new ReaderThread(name, source, handler, observer, interruptsSource);
        reader.thread.start();
        return reader;
    }

    private void run(String name, Source source, ValueHandler handler, LoopObserver observer) {
        while (!isClosed) {
            try {
                Taken taken = take(source);
                if (taken != null && isClosed) {
                    taken.givenBack(Duration.ZERO); // it came while this reading was closed
                } else if (taken != null) {
                    handle(name, taken, handler, observer);
                    var _ = Thread.interrupted(); // what a handler leaves behind must not end the reading
                }
            } catch (InterruptedException interrupted) {
                Thread.onSpinWait(); // by close, which the loop's condition sees
            } catch (Exception failed) {
                if (!isClosed) {
                    observer.warned(name + " is not read: " + failed.getMessage());
                    LockSupport.parkNanos(RETRY.toNanos());
                }
            }
        }
    }

    private @Nullable Taken take(Source source) throws Exception {
        if (!mayTake()) {
            return null;
        }
        try {
            return source.take();
        } finally {
            hasTaken();
        }
    }

    /** Returns false if the reading is closed. Otherwise {@link #close} knows from now on that the source is asked. */
    private synchronized boolean mayTake() {
        isTaking = !isClosed;
        return isTaking;
    }

    private synchronized void hasTaken() {
        isTaking = false;
    }

    private void handle(String name, Taken taken, ValueHandler handler, LoopObserver observer) {
        Message value = taken.value();
        if (value == null) {
            observer.warned(name + " holds something else than a value, which is skipped");
            taken.handled();
            return;
        }
        try {
            handler.handle(value);
            taken.handled();
        } catch (Throwable thrown) {
            taken.givenBack(isClosed ? Duration.ZERO : RETRY);
            if (!isClosed) {
                observer.failed("the reader of " + name, thrown);
            }
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
            if (interruptsSource || !isTaking) {
                thread.interrupt();
            }
        }
        if (Thread.currentThread().equals(thread)) {
            return; // a handler closes its own reading
        }
        try {
            thread.join(CLOSE_MAX); // so that what comes from now on goes to another reading
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
