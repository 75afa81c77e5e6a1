package dev.parley.uring;

import dev.parley.net.transport.Channel;
import java.lang.foreign.Arena;

/**
 * How long a connection that is closed may still try to send its last bytes: for as long as its peer takes some of what
 * is left every now and then. Nobody above watches them any more. The loop's thread.
 */
final class ClosingTimeout {
    private static final long SECONDS = 10;

    private final UringChannel channel;
    private boolean running;
    private long unsentBytes;

    ClosingTimeout(UringChannel channel) {
        this.channel = channel;
    }

    /** struct __kernel_timespec. */
    static long timespec(Arena arena) {
        long at = arena.allocate(16, 8).address();
        NativeMemory.putLong(at, SECONDS);
        return at;
    }

    /** Twice is harmless. */
    void start(long nowUnsentBytes) {
        if (!running) {
            running = true;
            unsentBytes = nowUnsentBytes;
            channel.began();
            UringPoller poller = channel.poller();
            Submissions.timeout(poller.ring(), poller.closingTimeout(), Operation.PATIENCE.tag(channel.number()));
        }
    }

    /**
     * The time is over, or was ended.
     *
     * @return whether the connection is to be given up; where not, another time has begun
     */
    boolean isOver(long nowUnsentBytes) {
        if (!running) {
            return false;
        }
        running = false;
        boolean hasMoved = nowUnsentBytes != Channel.UNKNOWN && nowUnsentBytes < unsentBytes;
        if (hasMoved) {
            start(nowUnsentBytes);
        }
        return !hasMoved;
    }

    void end() {
        if (running) {
            running = false;
            UringPoller poller = channel.poller();
            Submissions.removeTimeout(poller.ring(), Operation.PATIENCE.tag(channel.number()));
        }
    }
}
