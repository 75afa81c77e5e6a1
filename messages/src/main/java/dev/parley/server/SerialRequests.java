package dev.parley.server;

import dev.parley.frame.Header;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that have no id. One virtual thread handles them one after another, for as long as
 * there are any, so that a client that sends many at once costs one thread and not one for each. What waits here was
 * read before its turn, and is bounded. If there is no room for a further response, the thread ends, and another one
 * goes on when there is. Runs on the loop's thread, except {@link #work}.
 */
final class SerialRequests {
    private static final int REQUESTS_MAX = 64;
    private static final int BYTES_HIGH = 64 * 1024;

    private final HandlerExecutor executor;
    private final long connectionId;
    private final Runnable whenPaused;
    private final ExecutorTask pause = new Pause();
    private final ArrayDeque<HandlerTask> unreturned = new ArrayDeque<>();
    private int bytes;
    private boolean cancelled;
    private boolean paused;
    private @Nullable Thread thread;

    // Handed from the loop's thread to the series' own.
    private volatile @Nullable HandlerTask working;
    private final Queue<HandlerTask> unhandled = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unhandledCount = new AtomicInteger();

    /**
     * Makes a series without requests.
     *
     * @param whenPaused is called on the loop's thread if there is no room for a further response; {@link #goOn} may
     *     follow
     */
    SerialRequests(HandlerExecutor executor, long connectionId, Runnable whenPaused) {
        this.executor = executor;
        this.connectionId = connectionId;
        this.whenPaused = whenPaused;
    }

    /** Returns true if it works, even if no one waits for it any more. */
    boolean isBusy() {
        return !unreturned.isEmpty();
    }

    /** Returns how many of its responses are awaited. */
    int unanswered() {
        return cancelled ? 0 : unreturned.size();
    }

    /** Adds the tasks whose responses are awaited, in their order. */
    void addUnansweredTo(Collection<HandlerTask> all) {
        if (!cancelled) {
            all.addAll(unreturned);
        }
    }

    /** Returns true if another request may be read before its turn. */
    boolean hasRoom() {
        return !cancelled && unreturned.size() < REQUESTS_MAX && bytes < BYTES_HIGH;
    }

    void add(HandlerTask task) {
        task.inSeries();
        unreturned.add(task);
        bytes += task.request().contentLength();
        unhandled.add(task);
        if (unhandledCount.getAndIncrement() == 0) {
            start();
        }
    }

    private void start() {
        thread = executor.start("parley-" + connectionId + "-" + Header.NO_ID, this::work, this::notStarted);
    }

    /** Answers all that wait with an error, as no thread could be made or started; none of them is begun. */
    private void notStarted(Throwable why) {
        unhandledCount.set(0);
        for (HandlerTask next = unhandled.poll(); next != null; next = unhandled.poll()) {
            next.notStarted(why);
        }
    }

    /**
     * Handles requests on the series' own thread, which ends when no request waits for it; the next request starts
     * another thread.
     */
    private void work() {
        long beganNanos = executor.nanos();
        do {
            if (!unhandled.element().mayBeginInSeries()) {
                executor.handle(pause, beganNanos);
                return;
            }
            HandlerTask next = unhandled.remove();
            working = next;
            beganNanos = executor.handle(next, beganNanos);
            working = null;
            var _ = Thread.interrupted(); // an interrupt was for this handler, and not for the next one
        } while (unhandledCount.decrementAndGet() > 0);
    }

    /** Reports to the loop that there was no room for the next response. */
    private final class Pause implements ExecutorTask {
        @Override
        public void run() {}

        @Override
        public void tellReturned() {
            if (cancelled) {
                giveBackUnhandled();
            } else {
                paused = true;
                whenPaused.run();
            }
        }

        @Override
        public void tellFailed(Throwable thrown) {
            throw new IllegalStateException(thrown); // not expected: to report a pause is a few assignments
        }
    }

    /** Returns true if it waits for room for the next response. */
    boolean isPaused() {
        return paused;
    }

    /**
     * Goes on after a pause, if there is room by now.
     *
     * @return false if there is still no room
     */
    boolean goOn() {
        if (!unhandled.element().reserve()) {
            return false;
        }
        paused = false;
        start();
        return true;
    }

    void returned(HandlerTask task) {
        unreturned.remove();
        bytes -= task.request().contentLength();
    }

    /**
     * Gives up all requests, as no one waits for any response any more: those that have not begun never will, and the
     * handler at work is notified.
     */
    void cancel() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        unreturned.forEach(HandlerTask::giveUp);
        if (paused) {
            paused = false;
            giveBackUnhandled();
        } else if (thread != null) {
            interrupt(thread);
        }
    }

    private void interrupt(Thread of) {
        HandlerTask at = working;
        if (at == null || at.route().interrupts()) {
            of.interrupt();
        }
    }

    private void giveBackUnhandled() {
        unhandledCount.set(0);
        for (HandlerTask next = unhandled.poll(); next != null; next = unhandled.poll()) {
            executor.giveBack(next);
        }
    }
}
