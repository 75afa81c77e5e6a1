package dev.parley.server;

import dev.parley.net.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs handlers on virtual threads, and brings what they return back to the loop. One executor serves all connections
 * of a server on a loop. Threads that one turn of the loop starts are started together, and responses that are ready
 * together come back with one wake-up: to wake a sleeping thread costs more than to handle a small request, so it must
 * not happen for each.
 *
 * <p>There is no way to know whether a virtual thread goes on to the next request or is about to block. So a response
 * waits for a virtual thread that is started behind those that are ready to run: it wakes the loop when they have ended
 * or have blocked. Behind a handler that computes for long, the response would wait for long without need. So the loop
 * is woken at once by a handler that itself took {@link #LONG_NANOS}, and by one that returns when others have waited
 * for the wake-up for as long.
 *
 * <p>A thread that cannot be made or started costs the request that it was for, and no other.
 */
final class HandlerExecutor {
    /**
     * The time from which a handler is long: about ten times what a small request takes, and what it takes to wake a
     * thread.
     */
    private static final long LONG_NANOS = 100_000;

    private final EventLoop loop;
    private final ThreadFactory threads;

    // On the loop's thread.
    private List<UnstartedThread> unstarted = new ArrayList<>();
    private final ArrayDeque<Session> unsettled = new ArrayDeque<>();
    private boolean settleIsDue;

    // Handed from virtual threads to the loop's.
    private final Queue<ExecutorTask> returned = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakeIsDue = new AtomicBoolean();
    private volatile long wakeDueSinceNanos;

    /** A session whose handlers return here. */
    interface Session {
        /** Sends what is ready, and goes on with what was held back. */
        void flush();

        /** Takes note that its flush threw. */
        void failed(Throwable thrown);
    }

    /** Makes the executor of one server's connections on one loop. */
    HandlerExecutor(EventLoop loop, ThreadFactory threads) {
        this.loop = loop;
        this.threads = threads;
    }

    /** Returns the time of the loop's clock, to measure how long a handler takes; any thread. */
    long nanos() {
        return loop.freshNanos();
    }

    /**
     * Starts work on a thread of its own at the end of this turn; called on the loop's thread.
     *
     * @param notStarted is called on the loop's thread, at once or later, if no thread could be made or started for it
     * @return the thread; null if no thread could be made
     */
    @Nullable
    Thread start(String name, Runnable work, Consumer<Throwable> notStarted) {
        Thread own;
        try {
            own = threadFor(work);
            own.setName(name);
        } catch (Throwable noThread) {
            notStarted.accept(noThread);
            return null;
        }
        unstarted.add(new UnstartedThread(own, notStarted));
        if (unstarted.size() == 1) {
            loop.defer(this::startAll);
        }
        return own;
    }

    private Thread threadFor(Runnable work) {
        return Objects.requireNonNull(threads.newThread(work), "the thread factory made no thread");
    }

    /**
     * Starts several threads from inside a virtual thread: so one carrier thread is woken, and wakes more if it likes.
     */
    private void startAll() {
        List<UnstartedThread> all = unstarted;
        unstarted = new ArrayList<>();
        if (all.size() > 1) {
            try {
                threadFor(() -> all.forEach(this::start)).start();
                return;
            } catch (Throwable noStarter) {
                // Each is started by itself, so that each one that fails is notified.
            }
        }
        all.forEach(this::start);
    }

    private void start(UnstartedThread next) {
        try {
            next.thread().start();
        } catch (Throwable why) {
            if (loop.isCurrent()) {
                next.notStarted().accept(why);
            } else {
                loop.tryExecute(() -> next.notStarted().accept(why));
            }
        }
    }

    /**
     * Has a request handled and hands it back; called on the thread of its handler.
     *
     * @param beganNanos the loop's time now
     * @return the loop's time afterwards
     */
    long handle(ExecutorTask work, long beganNanos) {
        long nowNanos;
        try {
            work.run();
        } finally {
            nowNanos = returned(work, beganNanos);
        }
        return nowNanos;
    }

    /** Hands back work that was never begun; any thread. */
    void giveBack(ExecutorTask work) {
        returned.add(work);
        if (wakeIsDue.compareAndSet(false, true)) {
            wakeDueSinceNanos = nanos();
            wake();
        }
    }

    private long returned(ExecutorTask work, long beganNanos) {
        long nowNanos = nanos();
        long tookNanos = nowNanos - beganNanos;
        returned.add(work);
        if (wakeIsDue.compareAndSet(false, true)) {
            wakeDueSinceNanos = nowNanos;
            if (tookNanos < LONG_NANOS) {
                wakeBehindOthers();
            } else {
                wake();
            }
        } else if (tookNanos >= LONG_NANOS || nowNanos - wakeDueSinceNanos >= LONG_NANOS) {
            wakeDueSinceNanos = nowNanos;
            wake();
        }
        return nowNanos;
    }

    private void wakeBehindOthers() {
        try {
            threadFor(this::wake).start();
        } catch (Throwable noThread) {
            wake();
        }
    }

    private void wake() {
        loop.tryExecute(this::takeBack);
    }

    /** Takes back what has returned; called on the loop's thread. */
    private void takeBack() {
        wakeIsDue.set(false);
        for (ExecutorTask next = returned.poll(); next != null; next = returned.poll()) {
            try {
                next.tellReturned();
            } catch (Throwable thrown) {
                next.tellFailed(thrown);
            }
        }
        settle();
    }

    /** Flushes a session when the others of this moment have been notified as well; called on the loop's thread. */
    void settleLater(Session session) {
        unsettled.add(session);
        if (!settleIsDue) {
            settleIsDue = true;
            loop.defer(this::settle); // finds nothing to do if responses are just being taken back
        }
    }

    private void settle() {
        settleIsDue = false;
        for (Session next = unsettled.poll(); next != null; next = unsettled.poll()) {
            try {
                next.flush();
            } catch (Throwable thrown) {
                next.failed(thrown);
            }
        }
    }
}
