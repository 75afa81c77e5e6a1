package dev.parley.link;

import dev.parley.net.EventLoop;
import java.time.Duration;

/**
 * Counts controls that change nothing, of either side: a credit for a stream that is over or has more than it can use,
 * a pong that nobody asked for, one of a name that we do not know. A peer may send some for each message; beyond 1,000
 * in 30 seconds it is a flood. Runs on the loop's thread.
 */
public final class UselessControls {
    private static final int COUNT_MAX = 1_000;
    private static final long WINDOW_NANOS = Duration.ofSeconds(30).toNanos();

    private final EventLoop loop;
    private long beganNanos;
    private long messagesAtFirst;
    private int count;

    /**
     * None yet.
     *
     * @param loop whose clock counts
     */
    public UselessControls(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * {@return whether the one that came now is one too many}
     *
     * @param messages how many messages this connection has brought, controls left out
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
