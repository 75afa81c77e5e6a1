package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.frame.FrameReader;
import dev.parley.net.EventLoop;
import dev.parley.net.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a peer may take for one message: so long from its first byte to the end of its header, then so long for its
 * content in all, however steadily it drips. Runs on the loop's thread.
 *
 * <p>Messages that come in pieces are common, and mostly whole a moment later: the timer of the first stays where it
 * is, and finds, when it fires, what is due by then.
 */
final class MessageClock {
    private final EventLoop loop;
    private final MessageLimits limits;
    private final TooSlow tooSlow;
    private @Nullable Timer timer;
    private long firesNanos;
    private boolean running;
    private boolean timingHeader;
    private long dueNanos;

    /** Who is told. */
    interface TooSlow {
        /** The header, or else the content, was not complete within this time. */
        void tooSlow(boolean header, Duration time);
    }

    MessageClock(EventLoop loop, MessageLimits limits, TooSlow tooSlow) {
        this.loop = loop;
        this.limits = limits;
        this.tooSlow = tooSlow;
    }

    /** After each read. */
    void watch(FrameReader reader) {
        if (!reader.isInsideFrame()) {
            running = false;
        } else if (!running || timingHeader && !reader.isInsideHeader()) {
            running = true;
            timingHeader = reader.isInsideHeader();
            dueNanos = loop.attendedNanos() + time().toNanos();
            fireBy(dueNanos);
        }
    }

    private Duration time() {
        return timingHeader ? limits.headerTimeout() : limits.contentTimeout();
    }

    private void fireBy(long nanos) {
        if (timer != null && firesNanos - nanos <= 0) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        firesNanos = nanos;
        timer = loop.scheduleAttended(Duration.ofNanos(Math.max(0, nanos - loop.attendedNanos())), this::look);
    }

    private void look() {
        timer = null;
        if (!running) {
            return;
        }
        if (dueNanos - loop.attendedNanos() > 0) {
            fireBy(dueNanos);
        } else {
            running = false;
            tooSlow.tooSlow(timingHeader, time());
        }
    }

    /** No message is awaited; a timer that is set finds nothing to do. */
    void stop() {
        running = false;
    }

    /** For good: nothing of it stays in the loop. */
    void end() {
        running = false;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
