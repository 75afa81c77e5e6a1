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
 * read before its turn, and is bounded. Runs on the loop's thread, but for {@link #work}.
 */
final class PlainLane {
    private static final int REQUESTS_MAX = 64;
    private static final int BYTES_HIGH = 64 * 1024;

    private final HandOver handOver;
    private final long connectionId;
    private final ArrayDeque<Running> unreturned = new ArrayDeque<>();
    private int bytes;
    private boolean cancelled;
    private @Nullable Thread thread;

    // Handed from the loop's thread to the lane's.
    private final Queue<Running> unhandled = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unhandledCount = new AtomicInteger();

    PlainLane(HandOver handOver, long connectionId) {
        this.handOver = handOver;
        this.connectionId = connectionId;
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
    void addUnansweredTo(Collection<Running> all) {
        if (!cancelled) {
            all.addAll(unreturned);
        }
    }

    /** Whether another request may be read before its turn. */
    boolean hasRoom() {
        return !cancelled && unreturned.size() < REQUESTS_MAX && bytes < BYTES_HIGH;
    }

    void add(Running running) {
        unreturned.add(running);
        bytes += running.request().content().length;
        unhandled.add(running);
        if (unhandledCount.getAndIncrement() == 0) {
            thread = handOver.start("parley-" + connectionId + "-" + Header.NO_ID, this::work);
        }
    }

    /** The lane's own thread, which ends when nothing waits for it; the next request starts another. */
    private void work() {
        long beganNanos = handOver.nanos();
        do {
            beganNanos = handOver.handle(unhandled.remove(), beganNanos);
            var _ = Thread.interrupted(); // the handler's own affair, and not the next one's
        } while (unhandledCount.decrementAndGet() > 0);
    }

    void returned(Running running) {
        unreturned.remove();
        bytes -= running.request().content().length;
    }

    /** Nobody waits for any answer any more: what has not begun never will, and the handler at work is told. */
    void cancel() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        unreturned.forEach(Running::giveUp);
        if (thread != null) {
            thread.interrupt();
        }
    }
}
