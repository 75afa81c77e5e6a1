package dev.parley.nats;

import io.nats.client.impl.NoOpStatistics;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the messages and bytes that wait to be sent to the broker. jnats bounds its queue by messages alone, and its
 * own counts wait for locks that it holds for as long as a socket takes nothing, and that it needs to give up such a
 * socket. So we add what we hand to jnats, and jnats calls us for what it sends. Any thread may use it, and none waits.
 */
final class OutgoingAccount extends NoOpStatistics {
    /** The messages that may wait to be sent. */
    static final int MESSAGES_MAX = 5_000;

    /** The bytes that may wait to be sent. A message that is longer may wait alone. */
    static final long BYTES_MAX = 32L * 1024 * 1024;

    /** If less than this waits, a message counts as alone. */
    private static final long ALONE_BYTES = 64 * 1024;

    /** The shortest message of ours is longer. So are few of jnats' own, but not its pings. */
    private static final long OWN_BYTES_MIN = 16;

    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** The share of the room that a kind of message may take. */
    enum Share {
        /** For requests and values. Their senders learn that they are refused, and responses still have room. */
        REQUEST(MESSAGES_MAX / 4 * 3, BYTES_MAX / 4 * 3),

        /** For responses and for what streams send. */
        RESPONSE(MESSAGES_MAX, BYTES_MAX),

        /** For short errors instead of responses that have no room: a caller would wait until its time is over. */
        ERROR(MESSAGES_MAX / 2 * 3, Long.MAX_VALUE);

        private final long messagesMax;
        private final long bytesMax;

        Share(long messagesMax, long bytesMax) {
            this.messagesMax = messagesMax;
            this.bytesMax = bytesMax;
        }
    }

    /** Adds a message that is about to be handed to jnats. Returns false if it has no room. */
    boolean tryAdd(long size, Share share) {
        // What is refused is not added even for a moment, since something else would be refused for it.
        if (!tryAdd(messages, 1, share.messagesMax, 0)) {
            return false;
        }
        if (tryAdd(bytes, size, share.bytesMax, ALONE_BYTES)) {
            return true;
        }
        messages.updateAndGet(waiting -> Math.max(0, waiting - 1));
        return false;
    }

    private static boolean tryAdd(AtomicLong count, long more, long most, long alone) {
        while (true) {
            long waiting = count.get();
            if (waiting >= alone && waiting + more > most) {
                return false;
            }
            if (count.compareAndSet(waiting, waiting + more)) {
                return true;
            }
        }
    }

    /** Subtracts a message that is sent, or was not handed to jnats. */
    void subtract(long size) {
        // What jnats sends by itself, such as subscriptions, was never added.
        messages.updateAndGet(waiting -> Math.max(0, waiting - 1));
        bytes.updateAndGet(waiting -> Math.max(0, waiting - size));
    }

    /** Returns true if so much waits that senders that can be held back should wait. */
    boolean isHalfFull() {
        return messages.get() > MESSAGES_MAX / 2 || bytes.get() > BYTES_MAX / 2;
    }

    /** Sets the counts to zero, since the connection is lost: jnats does not say which messages it has lost with it. */
    void reset() {
        messages.set(0);
        bytes.set(0);
    }

    /** Called on the writing thread of jnats with each message that it sends. */
    @Override
    public void incrementOut(long size) {
        if (size >= OWN_BYTES_MIN) {
            subtract(size);
        }
    }
}
