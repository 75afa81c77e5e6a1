package dev.parley.net;

import org.jspecify.annotations.Nullable;

/**
 * Notices that nothing has happened for a while. A touch is one store; the timer behind it is set again only when it
 * fires and finds that something happened meanwhile. Its times are of the clock of {@link EventLoop#responsiveNanos}: a
 * peer does not count as silent while we do not read. Owned by one loop; touched from any thread.
 */
final class IdleTimer implements Runnable {
    /** The owner of the timer, which is called on the loop's thread. */
    interface Target {
        void silent();

        LoopCore core();
    }

    private final long periodNanos;
    private final Target target;
    private volatile long touchedNanos;
    private boolean running;
    private @Nullable Timer timer;

    /** A period of {@link Long#MAX_VALUE} never ends. */
    IdleTimer(long periodNanos, Target target) {
        this.periodNanos = periodNanos;
        this.target = target;
    }

    void touch(long nowNanos) {
        touchedNanos = nowNanos;
    }

    void start(long nowNanos) {
        touchedNanos = nowNanos;
        running = true;
        if (timer == null && periodNanos != Long.MAX_VALUE) {
            timer = target.core().responsiveTimerAt(nowNanos + periodNanos, this);
        }
    }

    boolean isRunning() {
        return running;
    }

    /** The timer stays where it is: it finds nothing to do, or serves the next start. */
    void stop() {
        running = false;
    }

    /** For good: nothing of it stays in the loop. */
    void cancel() {
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
