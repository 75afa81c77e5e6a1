package dev.parley.net.accept;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the handshakes at one endpoint, in all loops that accept there: how many may be under way, and how many may
 * wait for this side. While too many wait for this side, no further connection is accepted: the peers wait in the
 * system's backlog, where they cost next to nothing. Any thread may use it.
 */
public final class HandshakeLimit {
    /**
     * The number of handshakes that may wait: so many that this side always has work, and so few that a peer does not
     * wait long for its turn.
     */
    private static final int WORK_MAX = 32;

    private final int max;
    private final AtomicInteger count = new AtomicInteger();
    private final List<HandshakeServerChannel> channels = new CopyOnWriteArrayList<>();

    /** The number of handshakes that wait for a step of this side. */
    private final AtomicInteger work = new AtomicInteger();

    /** True if connections wait in the backlog until this side has less to do. */
    private final AtomicBoolean busy = new AtomicBoolean();

    /**
     * Makes a limit.
     *
     * @param max how many handshakes may be under way; if one more begins, the oldest ends. At least 1 is allowed
     */
    public HandshakeLimit(int max) {
        this.max = Math.max(1, max);
    }

    int max() {
        return max;
    }

    /** Counts one more. Returns true if that is more than the maximum. */
    boolean exceededByOneMore() {
        return count.incrementAndGet() > max;
    }

    void oneLess() {
        count.decrementAndGet();
    }

    /** Called when a handshake waits for a step of this side. */
    void workBegins() {
        work.incrementAndGet();
        update();
    }

    /** Called when a step that was reported by {@link #workBegins} has ended. */
    void workEnds() {
        work.decrementAndGet();
        update();
    }

    /**
     * Lets connections wait, or accepts them again. This takes no lock, because a thread of low priority may be here
     * while a loop is. The last thread that changes {@link #work} sees its final value, and looks again after a change
     * of its own.
     */
    private void update() {
        while (true) {
            boolean now = busy.get();
            int count = work.get();
            boolean wanted = now ? count > WORK_MAX / 2 : count >= WORK_MAX;
            if (wanted == now) {
                return;
            }
            if (busy.compareAndSet(now, wanted)) {
                channels.forEach(HandshakeServerChannel::updateAcceptingSoon);
            }
        }
    }

    boolean isBusy() {
        return busy.get();
    }

    void add(HandshakeServerChannel channel) {
        channels.add(channel);
    }

    void remove(HandshakeServerChannel channel) {
        channels.remove(channel);
    }
}
