package dev.parley.nats;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.nats.OutgoingAccount.Share;
import io.nats.client.Connection;
import io.nats.client.impl.Headers;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands messages to jnats, or refuses them at once if the broker is away or too much waits already. Any thread may use
 * it, and only {@link #awaitRoom} waits.
 */
final class Outgoing {
    private static final long RECHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** The part that jnats adds to an inbox for each request: a dot and a name. */
    private static final int INBOX_NAME_BYTES = 23;

    private final Connection connection;
    private final OutgoingAccount account;
    private final Runnable whenFull;
    private final int inboxBytes;

    /**
     * Makes an instance.
     *
     * @param whenFull called on the thread of the sender each time that a message is refused for what waits
     */
    Outgoing(Connection connection, OutgoingAccount account, Runnable whenFull) {
        this.connection = connection;
        this.account = account;
        this.whenFull = whenFull;
        inboxBytes = connection.createInbox().length();
    }

    boolean isConnected() {
        return connection.getStatus() == Connection.Status.CONNECTED;
    }

    int messageBytesMax() {
        return (int) Math.min(Integer.MAX_VALUE, connection.getServerInfo().getMaxPayload());
    }

    /** Throws if nothing of this length can be sent now. */
    void check(int bytes) throws ClusterException {
        if (!isConnected()) {
            throw new ClusterException(Reason.NOT_SENT, "the NATS server is away, so nothing was sent");
        }
        int most = messageBytesMax();
        if (bytes > most) { // the broker would end the connection
            throw new ClusterException(
                    Reason.TOO_LARGE, "the message has " + bytes + " bytes; the NATS server carries " + most);
        }
    }

    /** Returns the size of a request, to which jnats adds where to respond. */
    OutgoingSize sizeOfRequest(String subject, @Nullable Headers headers, byte[] bytes) {
        return OutgoingSize.of(subject, inboxBytes + INBOX_NAME_BYTES, headers, bytes);
    }

    void publish(Share share, String subject, byte[] bytes) throws ClusterException {
        publish(share, subject, null, bytes);
    }

    void publish(Share share, String subject, @Nullable Headers headers, byte[] bytes) throws ClusterException {
        var _ = hand(share, OutgoingSize.of(subject, 0, headers, bytes), () -> {
            connection.publish(subject, headers, bytes);
            return true;
        });
    }

    /**
     * Lets a task hand one message to jnats.
     *
     * @throws ClusterException if the message is certainly not sent
     */
    <T> T hand(Share share, OutgoingSize size, Supplier<T> task) throws ClusterException {
        check(size.payload());
        if (!account.tryAdd(size.whole(), share)) {
            whenFull.run();
            throw new ClusterException(
                    Reason.NOT_SENT, "too much waits for the NATS server already, so nothing was sent");
        }
        boolean isHanded = false;
        try {
            T result = Uninterrupted.call(task);
            isHanded = true;
            return result;
        } catch (IllegalStateException | IllegalArgumentException refused) { // such as headers that it does not carry
            throw new ClusterException(Reason.NOT_SENT, "jnats has refused a message: " + refused.getMessage());
        } finally {
            if (!isHanded) {
                account.subtract(size.whole());
            }
        }
    }

    /** Waits until at most half of the room is used. */
    void awaitRoom() throws InterruptedIOException, ClusterException {
        while (account.isHalfFull()) {
            LockSupport.parkNanos(RECHECK_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while the NATS server takes no more");
            }
            check(0);
        }
    }
}
