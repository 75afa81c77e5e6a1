package dev.parley.link;

import dev.parley.net.EventLoop;
import java.time.Duration;

/**
 * Counts the controls of a peer that have no effect, on either side: a credit for a stream that is over or has more
 * credit than it can use, a pong without a ping, and a control of an unknown name. A peer may send some for each
 * message; more than 1,000 in 30 seconds are a flood. Runs on the loop's thread.
 */
public final class UselessControls {
    private static final int COUNT_MAX = 1_000;
    private static final long WINDOW_NANOS = Duration.ofSeconds(30).toNanos();

    private final EventLoop loop;
    private long beganNanos;
    private long messagesAtFirst;
    private int count;

    /**
     * Makes a counter that starts at zero.
     *
     * @param loop the loop whose clock is used
     */
    public UselessControls(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * {@return whether the control that has just arrived is one too many}
     *
     * @param messages the number of messages that this connection has brought, without controls
     */
    public boolean isOneTooMany(long messages) {
        long nowNanos = loop.freshNanos();
        if (count == 0 || nowNanos - beganNanos >= WINDOW_NANOS) {
            beganNanos = nowNanos;
            messagesAtFirst = messages - 1;
            count = 0;
        }
        count++;
        return count > COUNT_MAX && count >= 2 * (messages - messagesAtFirst);
    }
}
