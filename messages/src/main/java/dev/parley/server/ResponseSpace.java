package dev.parley.server;

import dev.parley.frame.FrameLimits;
import dev.parley.net.LoopConnection;
import dev.parley.net.MemoryCap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides if there is room for further responses of one connection, before their handlers begin. There is no room if
 * too many bytes wait for the peer. If a large response is expected, its size is reserved under the memory cap of all
 * connections. A handler's thread checks again when it begins, since earlier handlers may have responded since the
 * first check.
 */
final class ResponseSpace {
    /**
     * The lower and the upper bound of the number of handlers of an action that may run before the size of any of its
     * responses is known. Between these bounds, the number is chosen so that responses of the maximum size would fit
     * into half of the memory cap.
     */
    private static final int UNKNOWN_MAX_LEAST = 4;

    private static final int UNKNOWN_MAX_MOST = 100;

    private final MemoryCap cap;
    private final int waitingBytesHigh;

    /** The bytes of the responses that handlers have returned, but the loop has not taken back yet. */
    private final AtomicLong finishedBytes = new AtomicLong();

    /** The bytes of the responses that are queued for the peer. Only the loop's thread writes this field. */
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

    /** Records the number of bytes that are queued for the peer now. Called on the loop's thread. */
    void queued(long bytes) {
        if (queuedBytes != bytes) {
            queuedBytes = bytes;
        }
    }

    /**
     * Returns true if few enough bytes wait for the peer, so that another handler may begin. Any thread may call this.
     */
    boolean isOpen() {
        return waitingBytes() < waitingBytesHigh;
    }

    private long waitingBytes() {
        return finishedBytes.get() + queuedBytes;
    }

    /** Returns true if a handler may begin although no response of its action is known. */
    boolean mayTry(ResponseSizes sizes, long nowNanos) {
        return sizes.mayTry(unknownMax, nowNanos);
    }

    /**
     * Reserves the expected memory of a handler's response. Any thread may call this.
     *
     * @param alreadyBytes the bytes that are already reserved for the response
     * @return the bytes that are reserved for the response now; -1 if the handler must wait
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
     * Called on the handler's thread when it has returned a response.
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

    /** Called on the loop's thread when it has taken the response back, or when there is no response. */
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
