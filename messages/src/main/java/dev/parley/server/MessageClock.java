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
 */
final class MessageClock {
    private final EventLoop loop;
    private final MessageLimits limits;
    private final TooSlow tooSlow;
    private @Nullable Timer timer;
    private boolean timingHeader;

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
            stop();
        } else if (timer == null || timingHeader && !reader.isInsideHeader()) {
            stop();
            timingHeader = reader.isInsideHeader();
            Duration time = timingHeader ? limits.headerTimeout() : limits.contentTimeout();
            timer = loop.schedule(time, () -> {
                timer = null;
                tooSlow.tooSlow(timingHeader, time);
            });
        }
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
