package dev.parley.net.core;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The queue of what is to run on a loop's thread: the tasks of other threads, what callbacks have put off, and the ends
 * of connections that are to be reported. What any of them throws is reported to the observer, and ends there, even if
 * the heap is full and the report fails as well.
 */
public final class TaskQueue {
    private final CoreObserver observer;
    private final String loopName;

    /** Filled by any thread. */
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** The tasks that the loop's own callbacks put off until they have returned. */
    private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();

    /** Linked through the connections: an end is reported even if there is no memory for a list of them. */
    private @Nullable End firstEnd;

    private @Nullable End lastEnd;

    /**
     * The end of one connection, which is reported once. It is made with the connection, as the heap may be full later.
     */
    public static final class End {
        private final Runnable report;
        private @Nullable End next;

        /** Makes the end that this reports. */
        public End(Runnable report) {
            this.report = report;
        }
    }

    TaskQueue(CoreObserver observer, String loopName) {
        this.observer = observer;
        this.loopName = loopName;
    }

    // Any thread.

    void add(Runnable task) {
        tasks.add(task);
    }

    boolean remove(Runnable task) {
        return tasks.remove(task);
    }

    // The loop's thread.

    boolean isEmpty() {
        return tasks.isEmpty() && deferred.isEmpty() && firstEnd == null;
    }

    void defer(Runnable task) {
        deferred.add(task);
    }

    /** Reports an end when the call under way has returned. Once for each end. */
    void defer(End end) {
        if (lastEnd == null) {
            firstEnd = end;
        } else {
            lastEnd.next = end;
        }
        lastEnd = end;
    }

    /** No more than are there now, so that tasks that add tasks leave the sockets their turn. */
    void run() {
        for (int left = tasks.size(); left > 0; left--) {
            Runnable task = tasks.poll();
            if (task == null) {
                break;
            }
            guard("a task", task);
        }
        runDeferred();
    }

    void runDeferred() {
        while (firstEnd != null || !deferred.isEmpty()) {
            Runnable task = deferred.poll();
            if (task != null) {
                guard("a callback", task);
            } else {
                tellEnd();
            }
        }
    }

    private void tellEnd() {
        End ended = firstEnd;
        if (ended != null) {
            firstEnd = ended.next;
            ended.next = null;
            if (firstEnd == null) {
                lastEnd = null;
            }
            try {
                ended.report.run();
            } catch (Throwable thrown) {
                tellFailed("a callback", thrown);
            }
        }
    }

    void guard(String what, Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            tellFailed(what, thrown);
        }
    }

    private void tellFailed(String what, Throwable thrown) {
        try {
            observer.failed(what + " on the loop " + loopName + " threw", thrown);
        } catch (Throwable nothingWorks) {
            thrown.addSuppressed(nothingWorks); // the heap is full: the loop goes on, for all the others
        }
    }
}
