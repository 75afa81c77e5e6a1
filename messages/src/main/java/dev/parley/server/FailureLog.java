package dev.parley.server;

import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import java.time.Duration;

/**
 * Logs the exceptions that the handlers of one server throw, and limits how many are logged. A client may make a
 * handler fail with each request, so only some failures of each second are logged, and the other failures are counted.
 * Any thread may use it.
 */
public final class FailureLog {
    /** The number of failures that may be logged at once after a pause. */
    static final int BURST = 50;

    static final int PER_SECOND = 10;

    private static final Duration TOLD_LATER = Duration.ofSeconds(1);
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long APART_NANOS = SECOND_NANOS / PER_SECOND;

    private final LoopObserver observer;
    private long emptyAtNanos;
    private boolean begun;
    private long leftOut;

    /** Makes an empty log. */
    public FailureLog(LoopObserver observer) {
        this.observer = observer;
    }

    /** Logs that a handler failed, that one of its hooks failed, or that its response could not be sent. */
    void failed(EventLoop loop, String where, Throwable thrown) {
        if (mayTell(loop)) {
            observer.failed(where, thrown);
        }
    }

    private synchronized boolean mayTell(EventLoop loop) {
        long nowNanos = loop.freshNanos();
        if (!begun || nowNanos - emptyAtNanos > BURST * APART_NANOS) {
            begun = true;
            emptyAtNanos = nowNanos - BURST * APART_NANOS;
        }
        if (nowNanos - emptyAtNanos >= APART_NANOS) {
            emptyAtNanos += APART_NANOS;
            return true;
        }
        boolean isFirst = leftOut++ == 0;
        if (isFirst && !loop.tryExecute(() -> loop.schedule(TOLD_LATER, this::tellLeftOut))) {
            leftOut = 0; // the loop is closed, so its server is closed too
        }
        return false;
    }

    private void tellLeftOut() {
        long count;
        synchronized (this) {
            count = leftOut;
            leftOut = 0;
        }
        observer.warned(count + " further failures of handlers are not in the log: at most " + PER_SECOND
                + " a second are, after " + BURST + " at once");
    }
}
