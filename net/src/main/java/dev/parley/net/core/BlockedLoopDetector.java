package dev.parley.net.core;

import dev.parley.net.text.Durations;
import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to report that application code blocks a loop. Code that waits on the loop's thread, or computes for
 * long, makes all connections of the loop wait. A loop is not reported if its thread cannot run only because other
 * processes or the garbage collector use the processors.
 *
 * <p>One daemon thread checks each loop once a second. If a loop is inside a turn, the thread checks again soon, and
 * reports the loop if it is still inside the same turn. This costs the loop almost nothing: it only counts its turns,
 * and publishes the count by a store that it makes anyway. A loop that is blocked for several seconds is always
 * reported. A loop that is blocked for a shorter time is reported by chance: the more often it is blocked, the sooner
 * it is reported.
 */
final class BlockedLoopDetector {
    private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(100).toNanos();

    /**
     * If a loop has been inside one turn for this time and its thread waits, the loop counts as blocked. A thread that
     * is runnable for this time may only lack a processor, so {@link #RUNS_NANOS} applies to it.
     */
    private static final long WAITS_NANOS = Duration.ofMillis(100).toNanos();

    private static final long RUNS_NANOS = Duration.ofSeconds(1).toNanos();

    /**
     * The minimum time between two reports of a loop, so that a handler that always blocks is not reported with every
     * request.
     */
    private static final long REPORT_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    /**
     * If the watching thread itself wakes more than this time late, it judges no loop: then the machine or the garbage
     * collector has let no thread run.
     */
    private static final long LATE_NANOS = Duration.ofMillis(50).toNanos();

    private static final Map<LoopCore, BlockedLoopDetector> WATCHES = new ConcurrentHashMap<>();
    private static @Nullable Thread watcher;

    private final LoopCore loop;
    private long seenTurn = -1;
    private long seenNanos;
    private long seenUsedNanos;
    private volatile @Nullable ThreadCpuTime threadTime;
    private long notifiedTurn = -1;
    private @Nullable Long reportedNanos;

    BlockedLoopDetector(LoopCore loop) {
        this.loop = loop;
    }

    // The thread that watches all loops.

    /** Begins to watch the loop. Called before the loop's thread starts. */
    void start() {
        synchronized (WATCHES) {
            WATCHES.put(loop, this);
            if (watcher == null) {
                watcher = Thread.ofPlatform().daemon().name("parley-watch").start(BlockedLoopDetector::lookAround);
            }
        }
    }

    /**
     * From now on, compares the time that passes with the processor time of the loop's thread. Called if the loop's
     * ticker passes by itself.
     */
    void compareWith(ThreadCpuTime time) {
        threadTime = time;
    }

    /** Ends the watch of the loop. The watching thread ends with the last loop. */
    void stop() {
        synchronized (WATCHES) {
            WATCHES.remove(loop);
            if (WATCHES.isEmpty() && watcher != null) {
                LockSupport.unpark(watcher);
                watcher = null;
            }
        }
    }

    private static void lookAround() {
        while (isWanted()) {
            long waitNanos = LOOK_EVERY_NANOS;
            try {
                waitNanos = lookAtAll();
                waitAndForgetIfLate(waitNanos);
            } catch (Throwable fullHeap) {
                LockSupport.parkNanos(WATCHES, waitNanos); // even the check fails now; it may work later
            }
        }
    }

    /** Checks all loops, and returns how long to wait until the next check. */
    private static long lookAtAll() {
        boolean inside = false;
        for (BlockedLoopDetector watch : WATCHES.values()) {
            inside |= watch.look();
        }
        return inside ? LOOK_AGAIN_NANOS : LOOK_EVERY_NANOS;
    }

    private static void waitAndForgetIfLate(long waitNanos) {
        long beforeNanos = Ticker.SYSTEM.nanos();
        LockSupport.parkNanos(WATCHES, waitNanos);
        if (Ticker.SYSTEM.nanos() - beforeNanos - waitNanos > LATE_NANOS) {
            WATCHES.values().forEach(BlockedLoopDetector::forget);
        }
    }

    private synchronized void forget() {
        seenTurn = -1;
    }

    private static boolean isWanted() {
        synchronized (WATCHES) {
            return watcher == Thread.currentThread();
        }
    }

    // The check of one loop.

    /**
     * Checks the loop, and reports it if it is blocked. Returns true if the loop is inside a turn that was not reported
     * yet, so that the next check should follow soon.
     */
    synchronized boolean look() {
        long turn = loop.turnUnderWay();
        if (turn < 0) {
            seenTurn = -1;
        }
        if (turn < 0 || turn == notifiedTurn) {
            return false;
        }
        long now = loop.freshNanos();
        if (turn != seenTurn) {
            seenTurn = turn;
            seenNanos = now;
            seenUsedNanos = usedNanos();
            return true;
        }
        long held = now - seenNanos;
        boolean waits = loop.threadState() != Thread.State.RUNNABLE;
        if (held < (waits ? WAITS_NANOS : RUNS_NANOS)) {
            return true;
        }
        StackTraceElement[] stack = loop.threadStack();
        if (!waits && !runs(held, stack)) {
            return true;
        }
        if (loop.turnUnderWay() == turn) {
            notifiedTurn = turn;
            if (stack.length > 0) { // a thread that has not begun, or has ended, has no stack
                report(now, held, waits, stack);
            }
        }
        return false;
    }

    /**
     * Returns true if the thread has used a processor for at least half of the time, or waits inside the system; false
     * if it only waits for a processor. Also returns true if the thread's processor time is not known.
     */
    private boolean runs(long heldNanos, StackTraceElement[] stack) {
        ThreadCpuTime time = threadTime;
        long usedNanos = usedNanos();
        if (time == null || usedNanos == ThreadCpuTime.UNKNOWN || seenUsedNanos == ThreadCpuTime.UNKNOWN) {
            return true;
        }
        boolean isInSystem = stack.length > 0 && stack[0].isNativeMethod() && time.waitsInSystem();
        return isInSystem || usedNanos - seenUsedNanos >= heldNanos / 2;
    }

    private long usedNanos() {
        ThreadCpuTime time = threadTime;
        return time == null ? ThreadCpuTime.UNKNOWN : time.nanos();
    }

    private void report(long now, long heldNanos, boolean waits, StackTraceElement[] stack) {
        boolean mayReport = reportedNanos == null || now - reportedNanos >= REPORT_EVERY_NANOS;
        String where = mayReport ? BlockedStack.where(waits, stack).orElse("") : "";
        if (!where.isEmpty()) {
            reportedNanos = now;
            loop.observer()
                    .warned(loop.threadName() + " has been blocked for " + Durations.text(millis(heldNanos))
                            + " or more "
                            + where
                            + ", and all of its connections wait: do this on a virtual thread");
        }
    }

    private static Duration millis(long nanos) {
        return Duration.ofMillis(Duration.ofNanos(nanos).toMillis());
    }
}
