package dev.parley.server;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Records how large the responses of one action have been lately: the largest of this minute and of the one before. Any
 * thread may use it; if two add a size at the same moment, one of the sizes may be missed, and the next one corrects
 * that.
 */
public final class ResponseSizes {
    /**
     * The size up to which responses are not counted one by one: a hundred of them take at most as much as one message.
     */
    static final int SMALL_BYTES = 4 * 1024;

    private static final long MINUTE_NANOS = 60_000_000_000L;

    private static final long RAMP_NANOS = 250_000_000L;
    private static final int DOUBLED_MAX = 20;

    /** True if a response has been sent since the server started. */
    private volatile boolean known;

    /** The number of handlers that run while nothing is known of their responses. */
    private final AtomicInteger tried = new AtomicInteger();

    private volatile long firstTriedNanos;

    private volatile int nowBytes;
    private volatile int beforeBytes;
    private volatile long minuteBeganNanos;

    /** Starts without any size. */
    public ResponseSizes() {}

    /** Returns how large the next response may be, by all that is known; 0 if that is small. */
    int expectedBytes() {
        return Math.max(nowBytes, beforeBytes);
    }

    boolean isKnown() {
        return known;
    }

    /**
     * Counts another handler, if it may begin while nothing is known of its response, and returns true if so. At first
     * {@code unknownMax} of them may run, and twice as many after each quarter of a second, since they may be handlers
     * that wait for long. {@link #tried} takes it off.
     */
    boolean mayTry(int unknownMax, long nowNanos) {
        int now = tried.get();
        if (now == 0) {
            firstTriedNanos = nowNanos;
        }
        long doubled = Math.min(DOUBLED_MAX, (nowNanos - firstTriedNanos) / RAMP_NANOS);
        if (now >= (long) unknownMax << doubled) {
            return false;
        }
        tried.incrementAndGet();
        return true;
    }

    /** Takes off a handler that was counted, as it is over. */
    void tried() {
        tried.decrementAndGet();
    }

    /** Returns false if a response of this size, as nearly all are, changes nothing of what is known. */
    boolean isNew(int bytes) {
        return !known || bytes > SMALL_BYTES || nowBytes != 0 || beforeBytes != 0;
    }

    /** Adds the size of a response, if it {@link #isNew}. */
    void add(int bytes, long nowNanos) {
        if (!known) {
            minuteBeganNanos = nowNanos;
            known = true;
        }
        int largest = nowBytes;
        if (nowNanos - minuteBeganNanos >= MINUTE_NANOS) {
            minuteBeganNanos = nowNanos;
            beforeBytes = largest;
            nowBytes = bytes > SMALL_BYTES ? bytes : 0;
        } else if (bytes > largest && bytes > SMALL_BYTES) {
            nowBytes = bytes;
        }
    }
}
