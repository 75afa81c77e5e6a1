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
 * Runs handlers on virtual threads, and brings their responses back to the loop. One executor serves all connections of
 * a server on a loop. To wake a sleeping thread costs more than to handle a small request, so this must not happen for
 * each request. Therefore all threads of one turn of the loop are started together, and responses that are ready at
 * about the same time wake the loop only once.
 *
 * <p>It is impossible to know whether the other handlers will return soon or are about to block. So the first response
 * that is ready starts one more virtual thread, which wakes the loop. This thread runs after all threads that are ready
 * to run, so these have ended or blocked by then. If one of them computes for long, the response would wait for it
 * needlessly. So the loop is woken at once in two cases: if a handler returns that took at least {@link #LONG_NANOS},
 * and if a handler returns when a wake-up has been due for at least as long.
 *
 * <p>If a thread cannot be created or started, only the request of this thread fails.
 */
final class HandlerExecutor {
    /**
     * A handler that takes at least this time counts as long. It is about ten times as long as a small request takes,
     * and about as long as it takes to wake a thread.
     */
    private static final long LONG_NANOS = 100_000;

    private final EventLoop loop;
    private final ThreadFactory threads;

    // Used only on the loop's thread.
    private List<UnstartedThread> unstarted = new ArrayList<>();
    private final ArrayDeque<Session> unsettled = new ArrayDeque<>();
    private boolean settleIsDue;

    // Virtual threads pass finished tasks back to the loop's thread through this queue, and wake the loop.
    private final Queue<ExecutorTask> returned = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakeIsDue = new AtomicBoolean();
    private volatile long wakeDueSinceNanos;

    /** A session of the server, to which the work and the tasks of one connection belong. */
    interface Session {
        /** Sends the responses that are ready, and goes on with the requests that were held back. */
        void flush();

        /** Called when {@link #flush}, or another task of this session, threw an exception. */
        void failed(Throwable thrown);

        /**
         * Runs a task of this session on the loop's thread. If the task throws an exception, only this session fails,
         * and the caller goes on with the other sessions.
         */
        default void guarded(Runnable task) {
            try {
                task.run();
            } catch (Throwable thrown) {
                failed(thrown);
            }
        }
    }

    /** Makes the executor for the connections of one server on one loop. */
    HandlerExecutor(EventLoop loop, ThreadFactory threads) {
        this.loop = loop;
        this.threads = threads;
    }

    /** Returns the time of the loop's clock, to measure how long a handler takes. Any thread may call this. */
    long nanos() {
        return loop.freshNanos();
    }

    /**
     * Starts work on a thread of its own, at the end of this turn. Called on the loop's thread.
     *
     * @param notStarted called on the loop's thread, at once or later, if no thread could be created or started for the
     *     work
     * @return the thread; null if no thread could be created
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
     * Starts the threads of this turn. If there are several, a virtual thread starts them: then only one carrier thread
     * must be woken from here, and it wakes further carrier threads if they are needed.
     */
    private void startAll() {
        List<UnstartedThread> all = unstarted;
        unstarted = new ArrayList<>();
        if (all.size() > 1) {
            try {
                threadFor(() -> all.forEach(this::start)).start();
                return;
            } catch (Throwable noStarter) {
                // Start each thread from here, so that each thread that cannot be started is reported.
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
     * Runs the work of a request, and passes the request back to the loop. Called on the thread of its handler.
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

    /** Passes back work that was never begun. Any thread may call this. */
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
        if (!loop.tryExecute(this::takeBack)) {
            letGo();
        }
    }

    /**
     * Lets go of the tasks that have returned, since the loop is closed. The memory that they reserved belongs to the
     * loops of the whole process.
     */
    private void letGo() {
        wakeIsDue.set(false);
        for (ExecutorTask next = returned.poll(); next != null; next = returned.poll()) {
            next.letGo();
        }
    }

    /** Takes back the tasks that have returned. Called on the loop's thread. */
    private void takeBack() {
        wakeIsDue.set(false);
        for (ExecutorTask next = returned.poll(); next != null; next = returned.poll()) {
            takeBack(next);
        }
        settle();
    }

    /** Reports that work has run. If that fails, only the request of this work fails. Called on the loop's thread. */
    static void takeBack(ExecutorTask work) {
        try {
            work.notifyReturned();
        } catch (Throwable thrown) {
            work.notifyFailed(thrown);
        }
    }

    /**
     * Flushes a session a little later, when all tasks that have returned by now are taken back, so that their
     * responses leave together. Called on the loop's thread.
     */
    void settleLater(Session session) {
        unsettled.add(session);
        if (!settleIsDue) {
            settleIsDue = true;
            loop.defer(this::settle); // if takeBack() runs now, it settles before that, and nothing is left to do
        }
    }

    private void settle() {
        settleIsDue = false;
        for (Session next = unsettled.poll(); next != null; next = unsettled.poll()) {
            next.guarded(next::flush);
        }
    }
}
