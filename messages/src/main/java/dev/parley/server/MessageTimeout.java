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
 * Limits how long a peer may take to send one message. One timeout runs from the message's first byte to the end of its
 * header. Then another timeout runs for its whole content, even if bytes keep arriving. Runs on the loop's thread.
 *
 * <p>Many messages arrive in pieces, and most of these are complete a moment later. It would cost too much to set and
 * cancel a timer for each. So the timer of the first message stays set, and when it fires, it looks whether a message
 * is overdue.
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

    /** Called if a message takes too long. */
    interface TooSlow {
        /** Called when a message was not complete in time. */
        void tooSlow(String words, CloseReason reason);
    }

    MessageTimeout(EventLoop loop, MessageLimits limits, FrameReader reader, TooSlow tooSlow) {
        this.loop = loop;
        this.limits = limits;
        this.reader = reader;
        this.tooSlow = tooSlow;
    }

    /** Starts the timeout if a message has begun, and stops it if none has. Called after each read. */
    void watch() {
        if (!reader.isInsideFrame()) {
            running = false;
        } else if (!running || timingHeader && !reader.isInsideHeader()) {
            running = true;
            timingHeader = reader.isInsideHeader();
            dueNanos = loop.responsiveNanos() + Durations.nanos(time());
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

    /** Returns a text that says how much of the message has arrived, how fast, and what helps. */
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

    /**
     * Stops the timeout. Called when no message is expected. If the timer is set, it finds nothing to do when it fires.
     */
    void stop() {
        running = false;
    }

    /** Stops the timeout permanently, and removes the timer from the loop. */
    void end() {
        running = false;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
