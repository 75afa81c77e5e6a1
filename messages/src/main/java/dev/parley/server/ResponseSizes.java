package dev.parley.server;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Records how large the responses of one action have been lately: the largest of this minute, and the largest of the
 * minute before. Any thread may use it. If two threads add a size at the same moment, one of the sizes may be lost;
 * later sizes correct this.
 */
public final class ResponseSizes {
    /**
     * Responses up to this size are not recorded, since a hundred of them take less memory than one message may take.
     */
    static final int SMALL_BYTES = 4 * 1024;

    private static final long MINUTE_NANOS = 60_000_000_000L;

    private static final long RAMP_NANOS = 250_000_000L;
    private static final int DOUBLED_MAX = 20;

    /** True if a response has been sent since the server started. */
    private volatile boolean known;

    /** The number of handlers that run now, and that began before any response was known. */
    private final AtomicInteger tried = new AtomicInteger();

    private volatile long firstTriedNanos;

    private volatile int nowBytes;
    private volatile int beforeBytes;
    private volatile long minuteBeganNanos;

    /** Makes a record without any size. */
    public ResponseSizes() {}

    /** Returns the expected maximum size of the next response, in bytes; 0 if all recent responses were small. */
    int expectedBytes() {
        return Math.max(nowBytes, beforeBytes);
    }

    boolean isKnown() {
        return known;
    }

    /**
     * Decides if another handler may begin before any response is known. If so, counts the handler and returns true. At
     * first, {@code unknownMax} such handlers may run at once. This number doubles after each quarter of a second,
     * since they may be handlers that wait for long before they respond. {@link #tried} undoes the count.
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

    /** Undoes the count of {@link #mayTry} for one handler. Called when the handler is over. */
    void tried() {
        tried.decrementAndGet();
    }

    /**
     * Returns false if a response of this size changes nothing of this record, so that it need not be added. This is so
     * for nearly all responses.
     */
    boolean isNew(int bytes) {
        return !known || bytes > SMALL_BYTES || nowBytes != 0 || beforeBytes != 0;
    }

    /** Adds the size of a response. Called if {@link #isNew} returns true for it. */
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
