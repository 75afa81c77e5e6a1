package dev.parley.server;

import dev.parley.net.EventLoop;
import dev.parley.net.Timer;
import java.time.Duration;

/**
 * Limits the time that a peer may take to show credentials, and what it may use until then: one request is handled at a
 * time, and no further one is read while responses wait for the peer to take them. Runs on the loop's thread.
 */
final class AuthenticationDeadline {
    /**
     * The queued bytes from which no further request is read. With the response that exceeds them, and the short error
     * that we may have to send ourselves, 1 KiB at most is queued.
     */
    static final int QUEUED_BYTES_HIGH = 256;

    private final Timer timer;

    /** Starts the time. When it is over, {@code tooLong} runs, unless {@link #stop} was called before. */
    AuthenticationDeadline(EventLoop loop, Duration time, Runnable tooLong) {
        timer = loop.scheduleResponsive(time, tooLong);
    }

    void stop() {
        timer.cancel();
    }
}
