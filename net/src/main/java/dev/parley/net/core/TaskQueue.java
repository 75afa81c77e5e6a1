package dev.parley.net.core;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Decides in which order tasks run on a loop's thread: the tasks of other threads, the tasks that callbacks have
 * deferred, and the reports that connections have ended. An exception that a task throws is reported to the observer
 * and goes no further, even if the heap is full and the report fails too.
 */
public final class TaskQueue {
    private final CoreObserver observer;
    private final String loopName;

    /** The tasks that were added by any thread. */
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** The tasks that callbacks on the loop's thread have deferred until they have returned. */
    private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();

    /**
     * The first end that must be reported, which links to the next one; so ends are reported even if there is no memory
     * for a list. Null if there is none.
     */
    private @Nullable End firstEnd;

    private @Nullable End lastEnd;

    /**
     * The end of one connection, which is reported once. It is created together with the connection, because the heap
     * may be full later.
     */
    public abstract static class End {
        private @Nullable End next;

        /** Creates the end of a connection. */
        protected End() {}

        /** Reports this end. Called once, on the loop's thread. */
        protected abstract void report();
    }

    TaskQueue(CoreObserver observer, String loopName) {
        this.observer = observer;
        this.loopName = loopName;
    }

    // Called on any thread.

    void add(Runnable task) {
        tasks.add(task);
    }

    boolean remove(Runnable task) {
        return tasks.remove(task);
    }

    // Called on the loop's thread.

    boolean isEmpty() {
        return tasks.isEmpty() && deferred.isEmpty() && firstEnd == null;
    }

    void defer(Runnable task) {
        deferred.add(task);
    }

    /** Reports an end when the callback that runs now has returned. Called once for each end. */
    void defer(End end) {
        if (lastEnd == null) {
            firstEnd = end;
        } else {
            lastEnd.next = end;
        }
        lastEnd = end;
    }

    /**
     * Runs the tasks that are in the queue now. Tasks that are added by these tasks run in the next turn, so that the
     * sockets get their turn first.
     */
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
                notifyEnd();
            }
        }
    }

    private void notifyEnd() {
        End ended = firstEnd;
        if (ended != null) {
            firstEnd = ended.next;
            ended.next = null;
            if (firstEnd == null) {
                lastEnd = null;
            }
            try {
                ended.report();
            } catch (Throwable thrown) {
                notifyFailed("a callback", thrown);
            }
        }
    }

    void guard(String what, Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            notifyFailed(what, thrown);
        }
    }

    private void notifyFailed(String what, Throwable thrown) {
        try {
            observer.failed(what + " on the loop " + loopName + " threw", thrown);
        } catch (Throwable nothingWorks) {
            // Probably the heap is full. Ignore this failure, so that the loop goes on for its other connections.
            thrown.addSuppressed(nothingWorks);
        }
    }
}
