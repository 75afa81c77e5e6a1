package dev.parley.server;

import dev.parley.net.EventLoop;
import dev.parley.net.Timer;
import java.time.Duration;

/**
 * How long a peer may take to show credentials, and how little it has until then: one request is handled at a time, and
 * no further one is read while answers wait for it to take them. Runs on the loop's thread.
 */
final class AuthenticationDeadline {
    /** With the answer that passes this, and the few words that we may have to say ourselves, it is 1 KiB at most. */
    static final int QUEUED_BYTES_HIGH = 256;

    private final Timer timer;

    /** Runs until {@link #stop}, or tells that it took too long. */
    AuthenticationDeadline(EventLoop loop, Duration time, Runnable tooLong) {
        timer = loop.scheduleResponsive(time, tooLong);
    }

    void stop() {
        timer.cancel();
    }
}
