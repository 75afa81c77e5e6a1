package dev.parley.net.core;

import dev.parley.net.time.Ticker;
import dev.parley.net.time.Timer;
import dev.parley.net.transport.Poller;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The core of a loop. It runs the loop's turns, and decides the order of the steps in a turn: tasks, then the poll,
 * then the timers that were due before the poll. In the poll, the channels of the transport write and read; each kind
 * of channel decides in which order. The core owns the loop's thread, the tasks and timers that run on this thread, and
 * the clocks. Other threads use it to wake the loop. It knows neither connections nor listeners. Its methods are called
 * on the loop's thread, unless they say otherwise.
 */
public final class LoopCore {
    private static final long PAUSE_AFTER_ERROR_NANOS = Duration.ofMillis(10).toNanos();

    private final Thread thread;
    private final Poller poller;
    private final Ticker ticker;
    private final CoreObserver observer;
    private final Hooks hooks;
    private final Runnable stopWatchingTicker;
    private final BlockedLoopDetector watch = new BlockedLoopDetector(this);
    private final TaskQueue tasks;
    private final TimerQueue timers = new TimerQueue();
    private final Consumer<QueuedTimer> fire = this::fire;
    private final ResponsiveClock responsiveClock;

    /** True while the loop waits or is about to wait. Other threads need to wake it only then, and only once. */
    private volatile boolean polling;

    private final AtomicBoolean wakeupSent = new AtomicBoolean();
    private volatile boolean closing;
    private volatile boolean closed;

    /**
     * The number of turns so far. The loop's thread counts them, and then writes {@link #polling}, which publishes the
     * count to the thread that watches the loops.
     */
    private long turns;

    /**
     * The last turn whose poll has called a callback. The loop is still inside the poll then, but it no longer waits.
     */
    private final AtomicLong tellingTurn = new AtomicLong(-1);

    private long nowNanos;
    private boolean awake = true;
    private long judgedNanos;

    /** The steps of a loop that the owner of this core adds. Called on the loop's thread. */
    public interface Hooks {
        /** Runs in each turn before the wait. */
        void beforeWait();

        /** Closes the listeners. No turn follows. */
        void closeListeners();

        /** Closes the connections. Tasks that are added during this call still run. */
        void closeConnections();

        /** Releases the resources of the loop. Nothing runs after this call. */
        void ended();

        /** Returns the loop to which the core belongs. Called once, when the core is made. */
        Object owner();
    }

    public LoopCore(Poller poller, Ticker ticker, CoreObserver observer, String name, boolean daemon, Hooks hooks) {
        this.poller = poller;
        this.ticker = ticker;
        this.observer = observer;
        this.hooks = hooks;
        tasks = new TaskQueue(observer, name);
        nowNanos = ticker.nanos();
        responsiveClock = new ResponsiveClock(ticker.passesByItself(), nowNanos);
        stopWatchingTicker = ticker.onAdvance(poller::wakeup);
        thread = new LoopThread(name, daemon, this::run, hooks.owner());
    }

    // Called on any thread.

    public void start() {
        watch.start();
        thread.start();
    }

    /**
     * Ends a loop that will not be used, because the system has no thread for it, or for another loop of the same
     * group.
     */
    public void abandon() {
        if (thread.isAlive()) {
            close();
        } else {
            watch.stop();
            end();
        }
    }

    /** Prevents further turns. Waits until the thread has ended, if the caller may block. */
    public void close() {
        closing = true;
        poller.wakeup();
        if (LoopThread.mayBlock()) {
            Uninterrupted.run(thread::join);
        }
    }

    public void join() throws InterruptedException {
        thread.join();
    }

    public boolean isClosing() {
        return closing;
    }

    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Adds a task. Returns false if the task will not run, because the loop is closed. */
    public boolean tryExecute(Runnable task) {
        if (closed) {
            return false;
        }
        tasks.add(task);
        if (polling && !isCurrent() && wakeupSent.compareAndSet(false, true)) {
            poller.wakeup();
        }
        // The loop may have ended since the check above. Then either it has run the task, or we remove the task here.
        return !closed || !tasks.remove(task);
    }

    public RejectedExecutionException closedException() {
        return new RejectedExecutionException("the loop " + thread.getName() + " is closed");
    }

    /** Returns the time of the loop's ticker in nanoseconds. */
    public long freshNanos() {
        return ticker.nanos();
    }

    /** Returns the time, in nanoseconds, of the clock that measures how long a peer has been silent. */
    public long responsiveNanos() {
        long tickerNanos = ticker.nanos();
        return isCurrent() ? responsiveClock.nowNanos(tickerNanos) : tickerNanos - responsiveClock.awayNanos();
    }

    public String threadName() {
        return thread.getName();
    }

    public void checkThread() {
        if (!isCurrent()) {
            throw new IllegalStateException(
                    "called on the thread " + Thread.currentThread().getName() + ", but this belongs to the thread "
                            + thread.getName() + ": use loop.execute(…)");
        }
    }

    // Called on the thread that watches the loops.

    /** Returns the number of the turn whose work is under way; -1 while the loop waits for something to happen. */
    public long turnUnderWay() {
        boolean inPoll = polling;
        long turn = turns;
        return inPoll && tellingTurn.getOpaque() != turn ? -1 : turn;
    }

    public Thread.State threadState() {
        return thread.getState();
    }

    public StackTraceElement[] threadStack() {
        return thread.getStackTrace();
    }

    public CoreObserver observer() {
        return observer;
    }

    // Called on the loop's thread.

    private void run() {
        Runnable stopAdvance = ticker.onAdvance(watch::look);
        if (ticker.passesByItself()) {
            watch.compareWith(ThreadCpuTime.ofThisThread());
        }
        try {
            while (!closing) {
                turnInSpiteOfErrors();
            }
        } catch (Throwable broken) {
            tasks.guard("ending", () -> observer.failed("the loop " + thread.getName() + " ends", broken));
        } finally {
            stopAdvance.run();
            watch.stop();
            end();
        }
    }

    /**
     * Runs a turn, and goes on after an error. An error does not mean that the loop's own state is wrong: other code
     * may have filled the heap, a stack may have overflowed, or a class could not be loaded. The error may occur
     * anywhere. The connections live on, and so do the timers, which fire one turn later.
     */
    private void turnInSpiteOfErrors() throws IOException {
        try {
            turn();
        } catch (Error error) {
            polling = false;
            wakeupSent.set(false);
            LockSupport.parkNanos(PAUSE_AFTER_ERROR_NANOS); // in this time, other code may free the heap
            tasks.guard("a turn", () -> {
                throw error;
            });
        }
    }

    /**
     * Runs one turn. The clocks that decide which timers fire are read before the poll, so bytes that a peer had sent
     * by then are reported first. Timers about peers use the responsive clock. Otherwise, a process that was stopped
     * for a while would mistake its own pause for the silence of a peer, although that peer may be in the middle of a
     * message, or may wait for a message of ours.
     */
    private void turn() throws IOException {
        // If a callback has restored an interrupt, every later wait would end at once.
        var _ = Thread.interrupted();
        tasks.run();
        long beforeNanos = ticker.nanos();
        responsiveClock.worked(beforeNanos);
        judgedNanos = responsiveClock.nowNanos(beforeNanos);
        awake = false;
        turns++;
        hooks.beforeWait();
        polling = true;
        // after polling is set: from here on, a thread that adds a task wakes the poll
        long timeoutNanos = timeoutNanos(beforeNanos);
        responsiveClock.waits(timeoutNanos);
        poller.poll(timeoutNanos);
        polling = false;
        wake();
        wakeupSent.set(false);
        tasks.runDeferred();
        timers.fire(beforeNanos, fire);
        responsiveClock.timers().fire(judgedNanos, fire);
    }

    /** Reads the clocks once in a turn, as the first thing after its wait. */
    private void wake() {
        if (!awake) {
            awake = true;
            long wokenNanos = ticker.nanos();
            responsiveClock.woke(wokenNanos);
            nowNanos = responsiveClock.nowNanos(wokenNanos);
        }
    }

    private long timeoutNanos(long beforeNanos) {
        if (closing || !tasks.isEmpty()) {
            return 0;
        }
        long untilNext = Math.min(
                timers.nanosUntilNext(beforeNanos), responsiveClock.timers().nanosUntilNext(judgedNanos));
        return untilNext == 0 || ticker.passesByItself() ? untilNext : Poller.FOREVER_NANOS;
    }

    private void fire(QueuedTimer due) {
        tasks.guard("a timer", due::run);
        tasks.runDeferred();
    }

    private void end() {
        closing = true;
        stopWatchingTicker.run();
        hooks.closeListeners();
        tasks.run();
        hooks.closeConnections();
        closed = true;
        tasks.run();
        hooks.ended();
        try {
            poller.close();
        } catch (IOException e) {
            observer.failed("closing the poller of the loop " + thread.getName(), e);
        }
    }

    public Poller poller() {
        return poller;
    }

    /** Runs a task now, and reports an exception that the task throws. */
    public void guard(String what, Runnable task) {
        tasks.guard(what, task);
    }

    /** Runs a task when the callbacks and tasks that are under way have returned. */
    public void defer(Runnable task) {
        checkThread();
        tasks.defer(task);
    }

    /** Reports the end of a connection as a deferred task would, but needs no memory for that. */
    public void deferEnd(TaskQueue.End end) {
        tasks.defer(end);
    }

    /** Runs an action once at this time of {@link #freshNanos}. */
    public Timer timerAt(long atNanos, Runnable action) {
        return timers.add(atNanos, action);
    }

    /** Runs an action once at this time of {@link #responsiveNanos}. */
    public Timer responsiveTimerAt(long atNanos, Runnable action) {
        return responsiveClock.timers().add(atNanos, action);
    }

    /** Returns the time of this turn by the responsive clock, which is read once after the wait. */
    public long nowNanos() {
        wake();
        return nowNanos;
    }

    /**
     * Returns the time up to which timers fire in this turn. Everything that happened before this time has been
     * reported.
     */
    public long judgedNanos() {
        return judgedNanos;
    }

    /**
     * Called before each callback of a poll. Records that the loop works now, although it is still inside the poll, so
     * that the thread that watches the loops does not take it for a loop that waits. Before the first callback, this
     * also reads the clocks.
     */
    public void telling() {
        if (tellingTurn.getPlain() != turns) {
            tellingTurn.setOpaque(turns);
            wake();
        }
    }
}
