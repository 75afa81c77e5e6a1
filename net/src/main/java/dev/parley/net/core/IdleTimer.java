package dev.parley.net.core;

import dev.parley.net.time.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Notices that nothing has happened for a while. A touch is one store; the timer behind it is set again only when it
 * fires and finds that something happened meanwhile. Its times are of the clock of {@link LoopCore#responsiveNanos}: a
 * peer does not count as silent while we do not read. Owned by one loop; touched from any thread.
 */
public final class IdleTimer implements Runnable {
    /** The owner of the timer, which is called on the loop's thread. */
    public interface Target {
        void silent();

        LoopCore core();
    }

    private final long periodNanos;
    private final Target target;
    private volatile long touchedNanos;
    private boolean running;
    private @Nullable Timer timer;

    /** A period of {@link Long#MAX_VALUE} never ends. */
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

    /** The timer stays where it is: it finds nothing to do, or serves the next start. */
    public void stop() {
        running = false;
    }

    /** Ends the timer for good: nothing of it stays in the loop. */
    public void cancel() {
        running = false;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** The timer is due: was there anything since it was set? */
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
