package dev.parley.net.core;

import dev.parley.net.time.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Calls its target if {@link #touch} was not called for a period. A touch is only one store: the timer is set again
 * only when it fires and finds that it was touched since it was set. All times are times of the clock of {@link
 * LoopCore#responsiveNanos}, so a peer does not count as silent while the loop could not read. The timer belongs to one
 * loop; any thread may touch it.
 */
public final class IdleTimer implements Runnable {
    /** The owner of the timer. It is called on the loop's thread. */
    public interface Target {
        void silent();

        LoopCore core();
    }

    private final long periodNanos;
    private final Target target;
    private volatile long touchedNanos;
    private boolean running;
    private @Nullable Timer timer;

    /** Creates a timer with this period; {@link Long#MAX_VALUE} means that the timer never fires. */
    public IdleTimer(long periodNanos, Target target) {
        this.periodNanos = periodNanos;
        this.target = target;
    }

    public void touch(long nowNanos) {
        touchedNanos = nowNanos;
    }

    public void start(long nowNanos) {
        touchedNanos = nowNanos;
        running = true;
        if (timer == null && periodNanos != Long.MAX_VALUE) {
            timer = target.core().responsiveTimerAt(nowNanos + periodNanos, this);
        }
    }

    public boolean isRunning() {
        return running;
    }

    /**
     * Stops the timer, but leaves it in the loop's queue: when it fires, it does nothing, unless it was started again.
     */
    public void stop() {
        running = false;
    }

    /** Ends the timer for good, so that the loop keeps no reference to it. */
    public void cancel() {
        running = false;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /**
     * Called when the timer is due. If it was touched since it was set, it is set again; otherwise the target is
     * called.
     */
    @Override
    public void run() {
        timer = null;
        if (!running) {
            return;
        }
        long dueNanos = touchedNanos + periodNanos;
        if (dueNanos - target.core().judgedNanos() > 0) {
            timer = target.core().responsiveTimerAt(dueNanos, this);
        } else {
            target.silent();
        }
    }
}
