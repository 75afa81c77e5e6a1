package dev.parley.uring;

import dev.parley.net.transport.Channel;
import java.lang.foreign.Arena;

/**
 * The limit on how long a closed connection may still try to send its last bytes: it may go on as long as its peer
 * takes some of the rest within each period. The layers above no longer watch those bytes. Used on the loop's thread.
 */
final class ClosingTimeout {
    private static final long SECONDS = 10;

    private final UringChannel channel;
    private boolean running;
    private long unsentBytes;

    ClosingTimeout(UringChannel channel) {
        this.channel = channel;
    }

    /** Allocates the period as a struct __kernel_timespec and returns its address. */
    static long timespec(Arena arena) {
        long at = arena.allocate(16, 8).address();
        NativeMemory.putLong(at, SECONDS);
        return at;
    }

    /** Starts a period, unless one is running. */
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
     * Notes that the period has ended or was cancelled, and starts another if the peer has taken bytes.
     *
     * @return true if the connection is to be given up
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
