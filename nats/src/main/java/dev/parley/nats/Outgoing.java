package dev.parley.nats;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import io.nats.client.Connection;
import io.nats.client.impl.Headers;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands messages to jnats, or refuses them at once if the broker is away or too much waits already. Any thread may use
 * it, and only {@link #awaitRoom} waits.
 */
final class Outgoing {
    /** About what a message has beside its subject and its content: the rest of its line, and where to respond. */
    private static final int LINE_BYTES = 72;

    private static final long RECHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration CORRECT_EVERY = Duration.ofSeconds(1);

    private final Connection connection;
    private final OutgoingAccount account;
    private final Runnable whenFull;

    /**
     * Makes an instance.
     *
     * @param whenFull called on the thread of the sender each time that a message is refused for what waits
     */
    Outgoing(Connection connection, OutgoingAccount account, Runnable whenFull) {
        this.connection = connection;
        this.account = account;
        this.whenFull = whenFull;
        Thread.ofVirtual().name("parley-nats-account").start(this::keepCorrect);
    }

    private void keepCorrect() {
        while (connection.getStatus() != Connection.Status.CLOSED) {
            LockSupport.parkNanos(CORRECT_EVERY.toNanos());
            correct();
        }
    }

    /** Counts anew what waits. Waits for the locks of jnats. */
    void correct() {
        account.correct(connection);
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

    void publish(String subject, byte[] bytes) throws ClusterException {
        publish(subject, null, bytes);
    }

    void publish(String subject, @Nullable Headers headers, byte[] bytes) throws ClusterException {
        int length = bytes.length + (headers == null ? 0 : headers.serializedLength());
        var _ = hand(subject, length, () -> {
            connection.publish(subject, headers, bytes);
            return true;
        });
    }

    /**
     * Lets a task hand one message to jnats.
     *
     * @param bytes the length of the message's headers and content
     * @throws ClusterException if the message is certainly not sent
     */
    <T> T hand(String subject, int bytes, Supplier<T> task) throws ClusterException {
        check(bytes);
        long size = LINE_BYTES + subject.length() + (long) bytes;
        if (!account.tryAdd(size)) {
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
                account.subtract(size);
            }
        }
    }

    /** Waits until at most half of what may wait does. */
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
