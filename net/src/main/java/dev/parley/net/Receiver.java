package dev.parley.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A receiver is your side of a connection on an event loop. Every method is called on the loop's thread, and must not
 * block: while it runs, all other connections of the loop wait.
 *
 * {@snippet :
 * final class Counting implements Receiver {
 *     private long count;
 *
 *     @Override
 *     public void bytes(LoopConnection connection, ByteBuffer bytes) {
 *         count += bytes.remaining();
 *     }
 *
 *     @Override
 *     public void ended(LoopConnection connection) {
 *         connection.send(Long.toString(count).getBytes(StandardCharsets.US_ASCII));
 *         connection.close(); // when that is sent
 *     }
 * }
 * }
 *
 * <p>The order of calls is: {@code opened}; then {@code bytes} and {@code writable} in any order; {@code ended} at most
 * once, and no {@code bytes} after it; at the end exactly one {@code closed}. If a connect fails, only {@code closed}
 * is called. For an accepted connection, {@code refusal} may be called before all others; if there is no room for the
 * connection, {@code turnedAway} is the last call. If a method throws an exception or an error, this connection closes
 * with {@link CloseReason#FAILED}, and no other connection is affected. In this case {@code closed} is called too, also
 * if {@code refusal} threw, but not if {@code turnedAway} threw.
 */
@FunctionalInterface
public interface Receiver {
    /**
     * Called when bytes have arrived. A message may arrive in pieces, and several messages may arrive together (RFC
     * 9293, section 2.2: TCP is a stream).
     *
     * @param connection the connection whose peer sent the bytes
     * @param bytes at least one byte, at most 64 KiB over {@code nio} and {@code mem:}, and at most 128 KiB over
     *     io_uring; the buffer is read-only, big-endian, and valid during the call; bytes that this method leaves in
     *     the buffer are lost
     */
    void bytes(LoopConnection connection, ByteBuffer bytes);

    /**
     * Called when the connection is open: it was accepted, or the connect succeeded. Does nothing by default.
     *
     * @param connection the connection, of which both addresses are known
     */
    default void opened(LoopConnection connection) {}

    /**
     * Decides whether the layer above has room for a connection that was accepted. Called if fewer than {@link
     * Limits#connectionsMax} connections are open. If this method returns a reason, {@link #turnedAway} is called next.
     * If the limit is reached, {@code turnedAway} is called without a call of this method.
     *
     * @param connection the connection; do nothing with it except ask who the peer is
     * @return why there is no room, for the log; null, the default, means that there is room
     */
    default @Nullable String refusal(LoopConnection connection) {
        return null;
    }

    /**
     * Called instead of {@code opened} if there is no room for a connection that was accepted, because of {@link
     * Limits#connectionsMax} or {@link #refusal}. No call follows. If this method returns bytes, they are sent, and the
     * connection lingers (see {@link LoopConnection#close()}) until the peer has ended its direction too, for at
     * most {@link Limits#lingerTimeout} in all. If it returns no bytes, the connection is closed at once. The reason is
     * {@link CloseReason#LIMIT}. While 64 rejected connections of the listener are still open, further ones are closed
     * at once, and this method is not called.
     *
     * @param connection the connection; do nothing with it except ask who the peer is
     * @return the bytes to send, from the position to the limit, at most a few hundred; an empty buffer, the default,
     *     means none
     */
    default ByteBuffer turnedAway(LoopConnection connection) {
        return ByteBuffer.allocate(0);
    }

    /**
     * Called once, when the peer has ended its direction. By default, this closes the connection as soon as all queued
     * bytes are sent.
     *
     * @param connection the connection, on which we may still send
     */
    default void ended(LoopConnection connection) {
        connection.close();
    }

    /**
     * Called when all queued bytes are sent after a {@code send} that returned false. Does nothing by default.
     *
     * @param connection the connection, which has no queued bytes
     */
    default void writable(LoopConnection connection) {}

    /**
     * Called when the connection has closed, exactly once, and as the last call. Does nothing by default.
     *
     * @param connection the connection; its {@link LoopConnection#closeCause} and {@link LoopConnection#closeText} say
     *     more about the reason
     * @param reason why it closed
     */
    default void closed(LoopConnection connection, CloseReason reason) {}

    /**
     * Called if the idle timeout is over and {@link #isBusy} has returned false. A protocol that has a last message for
     * its peer sends the message here, so that bytes which the peer sends at this very moment are not lost.
     *
     * @param connection the connection, which is idle
     * @return true if the receiver ends the connection itself; false, the default, if the connection must be closed now
     *     with {@link CloseReason#IDLE}
     */
    default boolean idle(LoopConnection connection) {
        return false;
    }

    /**
     * Returns true if a response is being made or awaited. Called when the idle timeout is over. If it returns true,
     * the connection does not count as idle, and the idle timeout starts again.
     *
     * @return true if a response is under way; false by default
     */
    default boolean isBusy() {
        return false;
    }

    /**
     * Returns how much memory, in bytes, the receiver holds for a connection: for received bytes that it has not
     * finished with. For accepted connections, this counts against the {@link MemoryCap} of the loop. Called after
     * {@code bytes}, on {@link LoopConnection#heldBytesChanged}, after {@code closed}, and when memory is short.
     *
     * @param connection the connection, which may be closed by now
     * @return the number of bytes; 0 by default
     */
    default long heldBytes(LoopConnection connection) {
        return 0;
    }

    /**
     * {@return whether the memory cap only counts this connection, and neither pauses nor closes it} This is for a
     * connection that carries what many peers have sent: it would be the largest one, and all of them would lose it.
     * Its owner must take no more if little memory is free, see {@link MemoryCap#freeBytes}. Called on the loop's
     * thread.
     */
    default boolean isExemptFromMemoryCap() {
        return false;
    }
}
