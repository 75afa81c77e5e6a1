package dev.parley.server;

import dev.parley.frame.FrameLimits;
import dev.parley.net.LoopConnection;
import dev.parley.net.MemoryCap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much room there is for further answers of one connection, judged before their handlers begin: none if answers
 * wait that the peer has not taken, and what a large one is expected to take is set aside in the memory of all
 * connections. A handler's thread asks once more when it begins, since those that began before it may have answered
 * meanwhile.
 */
final class ResponseSpace {
    /** How many handlers of an action run before anything is known of its answers: as many of the largest as fit. */
    private static final int UNKNOWN_MAX_LEAST = 4;

    private static final int UNKNOWN_MAX_MOST = 100;

    private final MemoryCap cap;
    private final int waitingBytesHigh;

    /** What handlers have answered, and the loop has not taken back. */
    private final AtomicLong finishedBytes = new AtomicLong();

    /** What the peer has not taken; written by the loop's thread. */
    private volatile long queuedBytes;

    /** What is set aside for this connection. */
    private final AtomicLong reservedBytes = new AtomicLong();

    private final int unknownMax;

    ResponseSpace(LoopConnection connection, FrameLimits limits) {
        cap = connection.loop().memoryCap();
        unknownMax = Math.clamp(
                cap.bytesMax() / 2 / Math.max(1, limits.contentBytesMax()), UNKNOWN_MAX_LEAST, UNKNOWN_MAX_MOST);
        waitingBytesHigh = connection.loop().limits().queuedBytesHigh();
    }

    /** So much waits for the peer now; the loop's thread. */
    void queued(long bytes) {
        if (queuedBytes != bytes) {
            queuedBytes = bytes;
        }
    }

    /** Whether so little waits for the peer that another handler may begin; any thread. */
    boolean isOpen() {
        return waitingBytes() < waitingBytesHigh;
    }

    private long waitingBytes() {
        return finishedBytes.get() + queuedBytes;
    }

    /** Whether a handler may begin of whose answers nothing may be known. */
    boolean mayTry(ResponseSizes sizes, long nowNanos) {
        return sizes.mayTry(unknownMax, nowNanos);
    }

    /**
     * Sets aside what a handler's answer is expected to take; any thread.
     *
     * @param alreadyBytes what is set aside for it by now
     * @return what is set aside for it now; -1 if the handler must wait
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
     * A handler has answered; its thread.
     *
     * @return what is set aside for the answer now
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

    /** The answer was taken back, or there is none; the loop's thread. */
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
