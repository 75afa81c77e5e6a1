package dev.parley.server;

import dev.parley.frame.FrameLimits;
import dev.parley.net.LoopConnection;
import dev.parley.net.MemoryCap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Judges how much room there is for further responses of one connection, before their handlers begin. There is none if
 * too much waits that the peer has not taken; and what a large response is expected to take is reserved in the memory
 * of all connections. A handler's thread asks once more when it begins, since handlers that began before it may have
 * responded meanwhile.
 */
final class ResponseSpace {
    /**
     * The least and the most handlers of an action that run before anything is known of its responses. Between these,
     * as many run as the largest responses fit in half of the memory cap.
     */
    private static final int UNKNOWN_MAX_LEAST = 4;

    private static final int UNKNOWN_MAX_MOST = 100;

    private final MemoryCap cap;
    private final int waitingBytesHigh;

    /** The bytes that handlers have returned, and the loop has not taken back. */
    private final AtomicLong finishedBytes = new AtomicLong();

    /** The bytes that the peer has not taken; written by the loop's thread. */
    private volatile long queuedBytes;

    /** The bytes that are reserved for this connection. */
    private final AtomicLong reservedBytes = new AtomicLong();

    private final int unknownMax;

    ResponseSpace(LoopConnection connection, FrameLimits limits) {
        cap = connection.loop().memoryCap();
        unknownMax = Math.clamp(
                cap.bytesMax() / 2 / Math.max(1, limits.contentBytesMax()), UNKNOWN_MAX_LEAST, UNKNOWN_MAX_MOST);
        waitingBytesHigh = connection.loop().limits().queuedBytesHigh();
    }

    /** Takes note of how many bytes wait for the peer now; called on the loop's thread. */
    void queued(long bytes) {
        if (queuedBytes != bytes) {
            queuedBytes = bytes;
        }
    }

    /** Returns true if so little waits for the peer that another handler may begin; any thread. */
    boolean isOpen() {
        return waitingBytes() < waitingBytesHigh;
    }

    private long waitingBytes() {
        return finishedBytes.get() + queuedBytes;
    }

    /** Returns true if a handler may begin even if nothing is known of its responses. */
    boolean mayTry(ResponseSizes sizes, long nowNanos) {
        return sizes.mayTry(unknownMax, nowNanos);
    }

    /**
     * Reserves what a handler's response is expected to take; any thread.
     *
     * @param alreadyBytes the bytes that are reserved for it by now
     * @return the bytes that are reserved for it now; -1 if the handler must wait
     */
    int reserve(ResponseSizes sizes, int alreadyBytes) {
        if (!isOpen()) {
            return -1;
        }
        int more = sizes.expectedBytes() - alreadyBytes;
        if (more <= 0) {
            return alreadyBytes;
        }
        if (!cap.reserve(more, waitingBytes() + reservedBytes.get())) {
            return -1;
        }
        reservedBytes.addAndGet(more);
        return alreadyBytes + more;
    }

    /**
     * Takes note that a handler has returned a response; called on its thread.
     *
     * @return the bytes that are reserved for the response now
     */
    int finished(int answerBytes, int alreadyBytes) {
        if (answerBytes <= ResponseSizes.SMALL_BYTES) {
            return alreadyBytes;
        }
        finishedBytes.addAndGet(answerBytes);
        int more = answerBytes - alreadyBytes;
        if (more <= 0) {
            return alreadyBytes;
        }
        cap.reserveAnyway(more);
        reservedBytes.addAndGet(more);
        return answerBytes;
    }

    /** Takes note that the response was taken back, or that there is none; called on the loop's thread. */
    void taken(int answerBytes, int reserved) {
        if (answerBytes > ResponseSizes.SMALL_BYTES) {
            finishedBytes.addAndGet(-answerBytes);
        }
        if (reserved > 0) {
            reservedBytes.addAndGet(-reserved);
            cap.release(reserved);
        }
    }
}
