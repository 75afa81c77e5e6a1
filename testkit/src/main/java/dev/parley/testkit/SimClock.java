package dev.parley.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time, and a baton that decides which thread may run in it: the one that drives the simulation, or that of one
 * loop. The driver picks the next event in the order of time, hands the baton to its loop, and gets it back when the
 * loop waits again. If nothing is left to do at this moment, the time jumps to the next moment at which there is
 * something. The clock's monitor guards the state of the whole network.
 */
final class SimClock {
    /** The start time, just below the wrap-around of nanoTime, which may happen at any moment. */
    private static final long START_NANOS = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);

    private static final int TURNS_AT_ONE_TIME_MAX = 1_000_000;
    private static final int TURNS_IN_BETWEEN_MAX = 1_000;
    private static final int PATIENCE_SECONDS = 30;
    static final long NEVER = Long.MAX_VALUE;

    /** A thread that runs in its turn: that of one loop. */
    interface Runner {
        /** Returns the permit of its turn. */
        Semaphore turn();

        /** Returns the permit that it gives when it waits for its first turn, or ends. */
        Semaphore arrived();

        boolean runsOn(Thread who);

        boolean isRunnable(long nowNanos);

        boolean isOver();

        /** Returns the time at which its next timer is due. */
        long deadlineNanos();
    }

    /** An arrival over the wire; the order of arrivals at the same time is random. */
    private record Arrival(long atNanos, int tie, long sequence, Runnable arrive) implements Comparable<Arrival> {
        @Override
        public int compareTo(Arrival other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            int byTie = byTime != 0 ? byTime : Integer.compare(tie, other.tie);
            return byTie != 0 ? byTie : Long.compare(sequence, other.sequence);
        }
    }

    final SplittableRandom random;
    final SimTrace trace = new SimTrace();
    private final long seed;
    private final PriorityQueue<Arrival> arrivals = new PriorityQueue<>();
    private final List<Runner> pollers = new ArrayList<>();
    private final List<Runner> starting = new ArrayList<>();
    private final ReentrantLock driving = new ReentrantLock();
    private final Semaphore back = new Semaphore(0);
    private volatile long nowNanos;
    private volatile @Nullable Runner running;
    private long sequence;
    private final AtomicLong turns = new AtomicLong();
    private int turnsAtThisTime;
    private @Nullable Drive drive;

    SimClock(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
    }

    /** Returns the time as a ticker has it. */
    long ticks() {
        return START_NANOS + nowNanos;
    }

    long nowNanos() {
        return nowNanos;
    }

    /** Schedules an arrival; called under the monitor. */
    void schedule(long atNanos, Runnable arrive) {
        arrivals.add(new Arrival(atNanos, random.nextInt(), sequence++, arrive));
    }

    // Starting and ending of loops.

    synchronized void opened(Runner poller) {
        pollers.add(poller);
        starting.add(poller);
    }

    /**
     * Waits until every loop that was started has reached its first wait; from then on, a loop runs only in its turn.
     */
    void awaitStarts() {
        if (running != null) {
            return;
        }
        List<Runner> begun;
        synchronized (this) {
            begun = List.copyOf(starting);
            starting.clear();
        }
        begun.forEach(poller -> await(poller.arrived(), poller));
    }

    synchronized void closed(Runner poller) {
        pollers.remove(poller);
        starting.remove(poller);
        poller.arrived().release();
        if (hasBaton(poller)) {
            give(null);
        }
    }

    // The baton, on a loop's thread.

    /**
     * Waits until it is the loop's turn. A loop that has the baton passes it directly to the next one if possible,
     * without the driver.
     */
    void waitForTurn(Runner poller) {
        if (hasBaton(poller)) {
            Runner next = drive == null ? null : nextTurn(drive);
            if (isSame(next, poller)) {
                return;
            }
            give(next);
        } else {
            poller.arrived().release();
        }
        poller.turn().acquireUninterruptibly();
    }

    private boolean hasBaton(Runner poller) {
        return isSame(running, poller);
    }

    @SuppressWarnings("ReferenceEquality") // a runner is one thread
    private static boolean isSame(@Nullable Runner one, Runner other) {
        return one == other;
    }

    /** Passes the baton to a loop, or back to the driver if it is null. */
    private void give(@Nullable Runner next) {
        running = next;
        if (next == null) {
            back.release();
        } else {
            next.turn().release();
        }
    }

    private boolean isInside() {
        Runner now = running;
        return now != null && now.runsOn(Thread.currentThread());
    }

    /**
     * Notes that a loop has something to do. If another loop, or a driver, is running, its turn comes later. If a
     * test's own thread calls this in between, the loop runs now, until it waits again or for a limited number of
     * turns, so that for example closing it does not wait in vain.
     */
    void wake(Runner poller) {
        if (isInside() || !driving.tryLock()) {
            return;
        }
        Drive outer = drive;
        drive = null;
        try {
            awaitStarts();
            handOver(poller);
            for (int left = TURNS_IN_BETWEEN_MAX; left > 0 && poller.isRunnable(nowNanos); left--) {
                handOver(poller);
            }
        } finally {
            drive = outer;
            driving.unlock();
        }
    }

    /** Passes the baton to a loop, and waits until it is back. */
    private void handOver(Runner poller) {
        if (!poller.isOver()) {
            turns.incrementAndGet();
            give(poller);
            await(back, poller);
        }
    }

    private void countTurn(Runner poller) {
        turns.incrementAndGet();
        turnsAtThisTime++;
        if (turnsAtThisTime > TURNS_AT_ONE_TIME_MAX) {
            turnsAtThisTime = 0;
            throw new AssertionError(poller + " never waits, so that time cannot pass; seed " + seed);
        }
    }

    /** Waits as long as there are turns, since then some loop is running; if there are none, something blocks. */
    private void await(Semaphore what, Runner first) {
        boolean interrupted = false;
        long turnsBefore = -1;
        try {
            while (turnsBefore != turns.get()) {
                turnsBefore = turns.get();
                try {
                    if (what.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                        return;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                    turnsBefore = -1;
                }
            }
            Runner now = running;
            throw new AssertionError((now == null ? first : now) + " has not come back for " + PATIENCE_SECONDS
                    + " s: something on it blocks");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // The baton, on the driver's thread.

    /** The goal of a driver, and what has stopped it; used by the thread that has the baton. */
    private static final class Drive {
        private final long untilNanos;
        private final BooleanSupplier condition;
        private boolean over;
        private @Nullable Throwable failed;

        Drive(long untilNanos, BooleanSupplier condition) {
            this.untilNanos = untilNanos;
            this.condition = condition;
        }
    }

    /**
     * Runs one event after another until the condition holds, or until there are none before the given time, which then
     * becomes the current time.
     */
    void drive(long untilNanos, BooleanSupplier condition) {
        if (isInside()) {
            throw new IllegalStateException("a loop of the simulation cannot drive it: call this on the test's thread");
        }
        driving.lock();
        try {
            var mine = new Drive(untilNanos, condition);
            drive = mine;
            while (!mine.over) {
                awaitStarts();
                Runner next = nextTurn(mine);
                if (next != null) {
                    handOver(next);
                }
            }
            rethrow(mine.failed);
        } finally {
            drive = null;
            driving.unlock();
        }
    }

    private static void rethrow(@Nullable Throwable failed) {
        switch (failed) {
            case null -> {}
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> throw new IllegalStateException(failed);
        }
    }

    /**
     * Returns the loop whose turn it is; null if the driver has to act, since the drive is over or a loop was started.
     */
    private @Nullable Runner nextTurn(Drive mine) {
        try {
            while (!mine.over) {
                if (mine.condition.getAsBoolean()) {
                    mine.over = true;
                } else if (isStarting()) {
                    return null;
                } else {
                    Runner next = nextRunnable();
                    if (next != null) {
                        countTurn(next);
                        return next;
                    }
                    mine.over = !arrive(mine.untilNanos);
                }
            }
        } catch (Throwable thrown) {
            mine.failed = thrown;
            mine.over = true;
        }
        return null;
    }

    private synchronized boolean isStarting() {
        return !starting.isEmpty();
    }

    /** Lets the time jump to the next arrival or timer; returns false if there is none before the end. */
    private synchronized boolean arrive(long untilNanos) {
        long at = nextNanos();
        if (at > untilNanos) {
            jumpTo(untilNanos);
            return false;
        }
        jumpTo(at);
        Arrival first = arrivals.peek();
        if (first != null && first.atNanos() <= at) {
            arrivals.remove();
            first.arrive().run();
        }
        return true;
    }

    private void jumpTo(long nanos) {
        if (nanos > nowNanos) {
            nowNanos = nanos;
            turnsAtThisTime = 0;
        }
    }

    private synchronized long nextNanos() {
        Arrival first = arrivals.peek();
        long next = first == null ? NEVER : first.atNanos();
        for (Runner poller : pollers) {
            next = Math.min(next, poller.deadlineNanos());
        }
        return next;
    }

    private synchronized @Nullable Runner nextRunnable() {
        var runnable = new ArrayList<Runner>();
        for (Runner poller : pollers) {
            if (poller.isRunnable(nowNanos)) {
                runnable.add(poller);
            }
        }
        return switch (runnable.size()) {
            case 0 -> null;
            case 1 -> runnable.getFirst();
            default -> runnable.get(random.nextInt(runnable.size()));
        };
    }
}
