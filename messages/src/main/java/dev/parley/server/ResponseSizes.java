package dev.parley.server;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How large the answers of one action have been lately: the largest of this minute and of the one before. Any thread;
 * where two tell at the same moment, one of them may be missed, and the next one corrects that.
 */
public final class ResponseSizes {
    /** Smaller ones are not counted one by one: a hundred of them are no more than one message. */
    static final int SMALL_BYTES = 4 * 1024;

    private static final long MINUTE_NANOS = 60_000_000_000L;

    private static final long RAMP_NANOS = 250_000_000L;
    private static final int DOUBLED_MAX = 20;

    /** Whether one has been answered since the server started. */
    private volatile boolean known;

    /** Those that run of which nothing is known. */
    private final AtomicInteger tried = new AtomicInteger();

    private volatile long firstTriedNanos;

    private volatile int nowBytes;
    private volatile int beforeBytes;
    private volatile long minuteBeganNanos;

    /** None yet. */
    public ResponseSizes() {}

    /** How large the next one may be, by all that is known; 0 if that is small. */
    int expectedBytes() {
        return Math.max(nowBytes, beforeBytes);
    }

    boolean isKnown() {
        return known;
    }

    /**
     * Whether another handler may begin of whose answer nothing is known. So many may run, and twice as many after each
     * quarter of a second, since they may be such that wait for long; {@link #tried} takes it off.
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

    /** One that was tried is over. */
    void tried() {
        tried.decrementAndGet();
    }

    /** One was this large. */
    void add(int bytes, long nowNanos) {
        if (!known) {
            minuteBeganNanos = nowNanos;
            known = true;
        }
        int largest = nowBytes;
        if (bytes <= SMALL_BYTES && largest == 0 && beforeBytes == 0) {
            return;
        }
        if (nowNanos - minuteBeganNanos >= MINUTE_NANOS) {
            minuteBeganNanos = nowNanos;
            beforeBytes = largest;
            nowBytes = bytes > SMALL_BYTES ? bytes : 0;
        } else if (bytes > largest && bytes > SMALL_BYTES) {
            nowBytes = bytes;
        }
    }
}
