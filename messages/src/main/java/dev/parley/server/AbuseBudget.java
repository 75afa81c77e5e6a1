package dev.parley.server;

import dev.parley.link.UselessControls;
import dev.parley.net.EventLoop;
import java.time.Duration;

/**
 * Limits how many errors, cancels, pings and useless controls one client may cause. Each of them is work for the
 * server. None of them ever has to wait, so no other limit applies to them. Runs on the loop's thread.
 */
final class AbuseBudget {
    private static final int ERRORS_MAX = 100;
    private static final long ERRORS_WINDOW_NANOS = Duration.ofSeconds(60).toNanos();
    private static final int CANCELS_MAX = 200;
    private static final long CANCELS_WINDOW_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int PING_STRIKES_MAX = 2;
    private static final long PING_APART_NANOS = Duration.ofSeconds(1).toNanos();

    private final EventLoop loop;
    private final boolean isLimited;
    private final Window errors = new Window(ERRORS_WINDOW_NANOS);
    private final UselessControls idle;
    private final Window cancels = new Window(CANCELS_WINDOW_NANOS);
    private long messagesAtFirstCancel;
    private long lastPingNanos;
    private long messagesAtLastPing = -1;
    private int pingStrikes;

    /**
     * Makes a budget of which nothing is used.
     *
     * @param isLimited false if the client may cause any number
     */
    AbuseBudget(EventLoop loop, boolean isLimited) {
        this.loop = loop;
        this.isLimited = isLimited;
        this.idle = new UselessControls(loop);
    }

    /**
     * Counts a message that was refused because of an error in its frame, header or fields. Returns true if the client
     * has now caused too many errors.
     */
    boolean error() {
        return errors.add(loop.freshNanos()) > ERRORS_MAX && isLimited;
    }

    /**
     * Counts a cancel. Returns true if the client has now sent too many cancels: more than the maximum in the period,
     * and at least half as many as its messages since the first cancel. A normal client does not cancel half of its
     * requests.
     *
     * @param messages the number of messages that this connection has received so far, without controls
     */
    boolean cancel(long messages) {
        int count = cancels.add(loop.freshNanos());
        if (count == 1) {
            messagesAtFirstCancel = messages - 1;
        }
        return isLimited && count > CANCELS_MAX && 2L * count >= messages - messagesAtFirstCancel;
    }

    /**
     * Counts a control that changes nothing. Returns true if the client has now sent too many of them.
     *
     * @param messages the number of messages that this connection has received so far, without controls
     */
    boolean idle(long messages) {
        return idle.isOneTooMany(messages) && isLimited;
    }

    /**
     * Counts a ping. Returns true if the client has now sent too many pings.
     *
     * @param messages the number of messages that this connection has received so far, without controls
     */
    boolean ping(long messages) {
        long nowNanos = loop.freshNanos();
        boolean isStrike = messages == messagesAtLastPing && nowNanos - lastPingNanos < PING_APART_NANOS;
        pingStrikes = isStrike ? pingStrikes + 1 : 0;
        lastPingNanos = nowNanos;
        messagesAtLastPing = messages;
        return pingStrikes >= PING_STRIKES_MAX && isLimited;
    }

    /**
     * Counts events within a period. The first event starts the period; the first event after its end starts a new one,
     * and the count begins again.
     */
    private static final class Window {
        private final long nanos;
        private long beganNanos;
        private int count;

        Window(long nanos) {
            this.nanos = nanos;
        }

        int add(long nowNanos) {
            if (count == 0 || nowNanos - beganNanos >= nanos) {
                beganNanos = nowNanos;
                count = 0;
            }
            return ++count;
        }
    }
}
