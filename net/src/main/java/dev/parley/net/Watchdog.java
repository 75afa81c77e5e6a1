package dev.parley.net;

import org.jspecify.annotations.Nullable;

/**
 * Notices that nothing has happened for a while. A touch is one store; the timer behind it is set again only when it
 * fires and finds that something happened meanwhile. Owned by one loop; touched from any thread.
 */
final class Watchdog {
    private final EventLoop loop;
    private final long periodNanos;
    private final Runnable onSilence;
    private volatile long touchedNanos;
    private boolean running;
    private @Nullable Timer timer;

    /** A period of {@link Long#MAX_VALUE} never ends. */
    Watchdog(EventLoop loop, long periodNanos, Runnable onSilence) {
        this.loop = loop;
        this.periodNanos = periodNanos;
        this.onSilence = onSilence;
    }

    void touch(long nowNanos) {
        touchedNanos = nowNanos;
    }

    void start(long nowNanos) {
        touchedNanos = nowNanos;
        running = true;
        if (timer == null && periodNanos != Long.MAX_VALUE) {
            timer = loop.timerAt(nowNanos + periodNanos, this::look);
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

    private void look() {
        timer = null;
        if (!running) {
            return;
        }
        long dueNanos = touchedNanos + periodNanos;
        if (dueNanos - loop.judgedNanos() > 0) {
            timer = loop.timerAt(dueNanos, this::look);
        } else {
            onSilence.run();
        }
    }
}
