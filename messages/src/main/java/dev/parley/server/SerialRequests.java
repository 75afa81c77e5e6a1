package dev.parley.server;

import dev.parley.frame.Header;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The plain requests of one connection, and the limits on how many of them may wait here. One virtual thread handles
 * them one after another, until none is left. So if a client sends many requests at once, this costs one thread, and
 * not one thread for each request. If there is no room for the next response, the thread ends; when there is room,
 * another thread goes on. All methods run on the loop's thread, except {@link #work}.
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

    // Shared by the loop's thread and the thread that handles the requests.
    private volatile @Nullable HandlerTask working;
    private final Queue<HandlerTask> unhandled = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unhandledCount = new AtomicInteger();

    /**
     * Makes a series without requests.
     *
     * @param whenPaused called on the loop's thread if there is no room for the next response; {@link #goOn} may be
     *     called later
     */
    SerialRequests(HandlerExecutor executor, long connectionId, Runnable whenPaused) {
        this.executor = executor;
        this.connectionId = connectionId;
        this.whenPaused = whenPaused;
    }

    /** Returns true if there is a request that is not finished, even if no one waits for its response any more. */
    boolean isBusy() {
        return !unreturned.isEmpty();
    }

    /** Returns the number of responses that the client still waits for. */
    int unanswered() {
        return cancelled ? 0 : unreturned.size();
    }

    /** Adds to a collection the tasks whose responses the client still waits for, in their order. */
    void addUnansweredTo(Collection<HandlerTask> all) {
        if (!cancelled) {
            all.addAll(unreturned);
        }
    }

    /** Returns true if another request may be added before its turn. */
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

    /**
     * Passes back all waiting requests with an error, because no thread could be created or started for them. The loop
     * takes them back after the requests before them, whose handlers may just have returned.
     */
    private void notStarted(Throwable why) {
        unhandled.forEach(each -> each.notStarted(why));
        giveBackUnhandled();
    }

    /**
     * Handles requests on a thread of their own. The thread ends when no request waits; the next request starts another
     * thread.
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
            var _ = Thread.interrupted(); // clears an interrupt that was meant for this handler
        } while (unhandledCount.decrementAndGet() > 0);
    }

    /** Reports to the loop that there was no room for the next response. */
    private final class Pause implements ExecutorTask {
        @Override
        public void run() {}

        @Override
        public void notifyReturned() {
            if (cancelled) {
                giveBackUnhandled();
            } else {
                paused = true;
                whenPaused.run();
            }
        }

        @Override
        public void notifyFailed(Throwable thrown) {
            throw new IllegalStateException(thrown); // not expected: reporting a pause is only a few assignments
        }

        @Override
        public void letGo() {}
    }

    /** Returns true if the requests wait until there is room for the next response. */
    boolean isPaused() {
        return paused;
    }

    /**
     * Goes on after a pause, if there is room now.
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
     * Gives up all requests. Called when no one waits for the responses any more. The requests that have not begun will
     * never begin, and the handler that runs is notified.
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
