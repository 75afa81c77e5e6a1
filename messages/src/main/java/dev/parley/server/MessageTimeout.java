package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.frame.FrameReader;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Limits how long a peer may take for one message: one time runs from its first byte to the end of its header, then
 * another for its content as a whole, however steadily that drips. Runs on the loop's thread.
 *
 * <p>Messages that come in pieces are common, and most of them are whole a moment later. So the timer of the first one
 * stays where it is, and finds, when it fires, what is due by then.
 */
final class MessageTimeout {
    private final EventLoop loop;
    private final MessageLimits limits;
    private final FrameReader reader;
    private final TooSlow tooSlow;
    private @Nullable Timer timer;
    private long firesNanos;
    private boolean running;
    private boolean timingHeader;
    private long dueNanos;

    /** Is notified if a message takes too long. */
    interface TooSlow {
        /** Takes note that a message was not complete in time. */
        void tooSlow(String words, CloseReason reason);
    }

    MessageTimeout(EventLoop loop, MessageLimits limits, FrameReader reader, TooSlow tooSlow) {
        this.loop = loop;
        this.limits = limits;
        this.reader = reader;
        this.tooSlow = tooSlow;
    }

    /** Starts or stops the time; called after each read. */
    void watch() {
        if (!reader.isInsideFrame()) {
            running = false;
        } else if (!running || timingHeader && !reader.isInsideHeader()) {
            running = true;
            timingHeader = reader.isInsideHeader();
            dueNanos = loop.responsiveNanos() + time().toNanos();
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
        timer = loop.scheduleResponsive(Duration.ofNanos(Math.max(0, nanos - loop.responsiveNanos())), this::look);
    }

    private void look() {
        timer = null;
        if (!running) {
            return;
        }
        if (dueNanos - loop.responsiveNanos() > 0) {
            fireBy(dueNanos);
        } else {
            running = false;
            tooSlow.tooSlow(words(), timingHeader ? CloseReason.HEADER_TIMEOUT : CloseReason.CONTENT_TIMEOUT);
        }
    }

    /** Returns what came, how fast, and what helps. */
    private String words() {
        Duration time = time();
        int come = reader.partBytes();
        int all = reader.partLength();
        String count = come + (all == 0 ? "" : " of " + all) + (Math.max(come, all) == 1 ? " byte" : " bytes");
        String sofar = "the " + (timingHeader ? "header" : "content") + " was not complete within "
                + Durations.text(time) + ": " + count + " came";
        if (timingHeader) {
            return sofar;
        }
        long perSecond = time.toMillis() == 0 ? come : come * 1_000L / time.toMillis();
        return sofar + ", about " + perSecond
                + " a second; a stream has this time for each of its messages, and the server may allow more"
                + " (MessageLimits.withTimeouts)";
    }

    /** Stops the time, as no message is awaited; a timer that is set finds nothing to do. */
    void stop() {
        running = false;
    }

    /** Stops for good: nothing of it stays in the loop. */
    void end() {
        running = false;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
