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
 * The virtual time of a simulation. It also decides which thread may run: at each moment, only one thread has the
 * baton, either the driver (the thread that drives the simulation) or the thread of one loop. The driver picks the next
 * event in the order of time, passes the baton to the loop of this event, and gets the baton back when the loop waits
 * again. If there is nothing left to do at the current time, the time jumps to the next event. The clock's monitor
 * guards the state of the whole network.
 */
final class SimClock {
    /**
     * The start time, just before {@code System.nanoTime} wraps around. With a real clock, this may happen at any
     * moment, so programs must handle it.
     */
    private static final long START_NANOS = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);

    private static final int TURNS_AT_ONE_TIME_MAX = 1_000_000;
    private static final int TURNS_IN_BETWEEN_MAX = 1_000;
    private static final int PATIENCE_SECONDS = 30;
    static final long NEVER = Long.MAX_VALUE;

    /** A thread that runs only when it has the baton: the thread of one loop. */
    interface Runner {
        /** Returns the semaphore that is released when it is this thread's turn. */
        Semaphore turn();

        /** Returns the semaphore that this thread releases when it waits for its first turn, or ends. */
        Semaphore arrived();

        boolean runsOn(Thread who);

        boolean isRunnable(long nowNanos);

        boolean isOver();

        /** Returns the time at which the loop's next timer is due. */
        long deadlineNanos();
    }

    /** The arrival of a packet over the wire. Arrivals at the same time are in a random order. */
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

    /** Returns the time as a ticker returns it, which starts just before the wrap-around. */
    long ticks() {
        return START_NANOS + nowNanos;
    }

    long nowNanos() {
        return nowNanos;
    }

    /** Schedules an arrival. Called under the monitor. */
    void schedule(long atNanos, Runnable arrive) {
        arrivals.add(new Arrival(atNanos, random.nextInt(), sequence++, arrive));
    }

    // Starting and ending of loops.

    synchronized void opened(Runner poller) {
        pollers.add(poller);
        starting.add(poller);
    }

    /**
     * Waits until every loop that was started waits for the first time. From then on, a loop runs only when it has the
     * baton.
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
     * Waits until it is the loop's turn. If the loop has the baton, it first passes it on: directly to the next loop if
     * possible, otherwise to the driver.
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

    @SuppressWarnings("ReferenceEquality") // each runner is one thread, so two are the same only if they are one object
    private static boolean isSame(@Nullable Runner one, Runner other) {
        return one == other;
    }

    /** Passes the baton to a loop, or back to the driver if the argument is null. */
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
     * Called when a loop has something to do. If another loop or the driver is running, the loop's turn comes later. If
     * a test's own thread calls this while the simulation is not driven, the loop runs now, until it has nothing to do,
     * or for a limited number of turns. Without this, for example a call that closes the loop would wait forever.
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

    /** Passes the baton to a loop, and waits until the baton is back. */
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

    /**
     * Waits for a semaphore. If there were no turns for 30 s, throws, since then something blocks. As long as there are
     * turns, goes on waiting.
     */
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

    /** The goal of a driver, and the exception that has stopped it. Only the thread that has the baton uses it. */
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
     * Runs one event after another until the condition is true, or until there are no more events before the given
     * time. In the second case, the given time becomes the current time.
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
     * Returns the loop whose turn is next. Returns null if the driver must act, because the drive is over, or a loop
     * was started.
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

    /** Lets the time jump to the next arrival or timer. Returns false if there is none until the given time. */
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
