package dev.parley.link;

import dev.parley.net.EventLoop;
import java.time.Duration;

/**
 * Limits how many controls without an effect a peer may send: a credit for a stream that is over or already has more
 * credit than it can use, a pong without a ping, and a control with an unknown name. Clients and servers use it. There
 * are too many if there are more than 1,000 in 30 seconds, and at least two for each message. Runs on the loop's
 * thread.
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
     * {@return whether there are now too many controls without an effect, including the one that has just arrived}
     *
     * @param messages the number of messages that this connection has received so far, without controls
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
