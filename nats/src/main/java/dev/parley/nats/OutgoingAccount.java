package dev.parley.nats;

import io.nats.client.Connection;
import io.nats.client.impl.NoOpStatistics;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what waits to be sent to the broker. jnats bounds its queue by messages alone, and its own counts wait for
 * locks that it holds for as long as a socket takes nothing, or an outage lasts. So we add what we hand to jnats, and
 * jnats calls us for what it sends. Any thread may use it, and none waits, except in {@link #correct}.
 */
final class OutgoingAccount extends NoOpStatistics {
    /** The messages that may wait to be sent. */
    static final int MESSAGES_MAX = 5_000;

    /** The bytes that may wait to be sent. A message that is longer may wait alone. */
    static final long BYTES_MAX = 32L * 1024 * 1024;

    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** Adds a message that is about to be handed to jnats. Returns false if it has no room. */
    boolean tryAdd(long size) {
        long waiting = bytes.getAndAdd(size);
        boolean hasRoom = messages.getAndIncrement() < MESSAGES_MAX && (waiting == 0 || waiting + size <= BYTES_MAX);
        if (!hasRoom) {
            subtract(size);
        }
        return hasRoom;
    }

    /** Subtracts a message that is sent, or was not handed to jnats. */
    void subtract(long size) {
        // What jnats sends by itself, such as pings, was never added.
        messages.updateAndGet(waiting -> Math.max(0, waiting - 1));
        bytes.updateAndGet(waiting -> Math.max(0, waiting - size));
    }

    /** Returns true if so much waits that what can be held back should be. */
    boolean isHalfFull() {
        return messages.get() > MESSAGES_MAX / 2 || bytes.get() > BYTES_MAX / 2;
    }

    /**
     * Replaces the counts by those of jnats. Ours drift: jnats sends messages of its own, and does not say what it has
     * lost with a connection. Waits for the locks of jnats.
     */
    void correct(Connection connection) {
        if (messages.get() == 0 && bytes.get() == 0) {
            return;
        }
        long waitingMessages = connection.outgoingPendingMessageCount();
        long waitingBytes = connection.outgoingPendingBytes();
        messages.set(Math.max(0, waitingMessages));
        bytes.set(Math.max(0, waitingBytes));
    }

    /** Called on the writing thread of jnats with each message that it sends. */
    @Override
    public void incrementOut(long size) {
        subtract(size);
    }
}
