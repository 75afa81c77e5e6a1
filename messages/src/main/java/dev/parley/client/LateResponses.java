package dev.parley.client;

import dev.parley.link.StreamSender;
import java.util.concurrent.atomic.LongAdder;

/**
 * Limits the number of late responses on one connection, for which no call or stream waits any more. Each call that was
 * given up may have one late response. Each stream that was given up may have as many as its first credit has bytes,
 * and so may a call that the server answers with a stream. The server may send 100 more by mistake. Runs on the loop's
 * thread.
 */
final class LateResponses {
    private static final int MISTAKES_MAX = 100;

    private final LongAdder all;
    private long count;
    private long max = MISTAKES_MAX;

    /** The number of calls that were given up, count as calls with one response, and have got none yet. */
    private long calls;

    /** Makes a counter that starts at zero. Each late response is also added to the counter of the whole client. */
    LateResponses(LongAdder all) {
        this.all = all;
    }

    void callGivenUp() {
        max++;
        calls++;
    }

    void streamGivenUp() {
        max += StreamSender.FIRST_CREDIT_BYTES;
    }

    /**
     * Counts a late response. Returns true if there are now too many.
     *
     * @param more whether further messages of the same response follow. Then the server answers one of the calls that
     *     were given up with a stream
     */
    boolean isOneTooMany(boolean more) {
        if (calls > 0) {
            calls--;
            if (more) {
                streamGivenUp();
            }
        }
        all.increment();
        count++;
        return count > max;
    }
}
