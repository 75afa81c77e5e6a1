package dev.parley.server;

import dev.parley.frame.Header;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that have no id: one virtual thread handles them one after another, for as long as
 * there are any, so that a client that sends many at once costs one thread and not one for each. What waits here was
 * read before its turn, and is bounded. Where there is no room for a further answer, the thread ends, and another one
 * goes on when there is. Runs on the loop's thread, but for {@link #work}.
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

    // Handed from the loop's thread to the lane's.
    private volatile @Nullable HandlerTask working;
    private final Queue<HandlerTask> unhandled = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unhandledCount = new AtomicInteger();

    /**
     * One without requests.
     *
     * @param whenPaused told on the loop's thread if there is no room for a further answer; {@link #goOn} may follow
     */
    SerialRequests(HandlerExecutor executor, long connectionId, Runnable whenPaused) {
        this.executor = executor;
        this.connectionId = connectionId;
        this.whenPaused = whenPaused;
    }

    /** Whether it works, be it for nobody any more. */
    boolean isBusy() {
        return !unreturned.isEmpty();
    }

    /** How many answers are awaited of it. */
    int unanswered() {
        return cancelled ? 0 : unreturned.size();
    }

    /** Those answers, in their order. */
    void addUnansweredTo(Collection<HandlerTask> all) {
        if (!cancelled) {
            all.addAll(unreturned);
        }
    }

    /** Whether another request may be read before its turn. */
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

    /** No thread could be made, or started: none of those that wait is begun. */
    private void notStarted(Throwable why) {
        unhandledCount.set(0);
        for (HandlerTask next = unhandled.poll(); next != null; next = unhandled.poll()) {
            next.notStarted(why);
        }
    }

    /** The lane's own thread, which ends when nothing waits for it; the next request starts another. */
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
            var _ = Thread.interrupted(); // the handler's own affair, and not the next one's
        } while (unhandledCount.decrementAndGet() > 0);
    }

    /** There was no room for the next answer. */
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
            throw new IllegalStateException(thrown); // telling it is one assignment
        }
    }

    /** Whether it waits for room for the next answer. */
    boolean isPaused() {
        return paused;
    }

    /**
     * Goes on after a pause, if there is room by now.
     *
     * @return false if there still is none
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

    /** Nobody waits for any answer any more: what has not begun never will, and the handler at work is told. */
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
