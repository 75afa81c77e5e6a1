package dev.parley.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A receiver is your side of a connection on an event loop. Every method is called on the loop's thread, one at a time,
 * and must not block: while it runs, all other connections of the loop wait.
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
 * is called. If there is no room for an accepted connection, only {@code turnedAway} is called. An exception or error
 * that a method throws closes this connection with {@link CloseReason#FAILED} and harms no other; {@code closed}
 * follows then too, also if {@code refusal} threw, but not if {@code turnedAway} did.
 */
@FunctionalInterface
public interface Receiver {
    /**
     * Bytes arrived. A message may come in pieces, and several may come together (RFC 9293, section 2.2: TCP is a
     * stream).
     *
     * @param connection whose peer sent them
     * @param bytes at least one byte, at most 64 KiB at a time; read-only, big-endian, valid during the call; bytes
     *     that this method leaves in the buffer are lost
     */
    void bytes(LoopConnection connection, ByteBuffer bytes);

    /**
     * The connection is open: it was accepted, or the connect succeeded. Does nothing by default.
     *
     * @param connection both of its ends are known
     */
    default void opened(LoopConnection connection) {}

    /**
     * Decides whether the layer above has room for a connection that was accepted. If it has none, {@link #turnedAway}
     * is called, as it is if {@link Limits#connectionsMax} connections are open already.
     *
     * @param connection says who the peer is; do nothing else with it here
     * @return why there is no room, for the log; null, the default, if there is
     */
    default @Nullable String refusal(LoopConnection connection) {
        return null;
    }

    /**
     * A connection was accepted for which there is no room, by {@link Limits#connectionsMax} or by {@link #refusal}.
     * This is called instead of {@code opened}, and no call follows. If it returns bytes, they are sent, and the
     * connection lingers as in {@link LoopConnection#closeLingering} until the peer has ended too, for {@link
     * Limits#lingerTimeout} in all; otherwise it is closed at once. The reason is {@link CloseReason#LIMIT}. While 64
     * rejected connections of the listener are not closed yet, this is not called, and further ones are closed at once.
     *
     * @param connection says who the peer is; do nothing else with it here
     * @return the bytes to send, from position to limit, at most a few hundred; empty, the default, to send none
     */
    default ByteBuffer turnedAway(LoopConnection connection) {
        return ByteBuffer.allocate(0);
    }

    /**
     * The peer ended its direction; called once. By default the connection closes when all queued bytes are sent.
     *
     * @param connection may still send
     */
    default void ended(LoopConnection connection) {
        connection.close();
    }

    /**
     * All queued bytes are sent after a {@code send} that returned false. Does nothing by default.
     *
     * @param connection has nothing queued
     */
    default void writable(LoopConnection connection) {}

    /**
     * The connection is closed. This is the last call, and comes exactly once. Does nothing by default.
     *
     * @param connection says more with {@link LoopConnection#closeCause} and {@link LoopConnection#closeText}
     * @param reason why it closed
     */
    default void closed(LoopConnection connection, CloseReason reason) {}

    /**
     * The idle timeout is over, and {@link #isBusy} returned false. A protocol that has a last message for its peer
     * sends it here, so that what the peer sends at this very moment is not lost.
     *
     * @param connection with nothing under way
     * @return whether the receiver ends the connection itself; if not, it is closed now, with {@link CloseReason#IDLE}.
     *     False by default
     */
    default boolean idle(LoopConnection connection) {
        return false;
    }

    /**
     * Returns true while a response is being made, or is awaited. Then the silence does not count as idle, and the idle
     * timeout starts again. Called when the idle timeout is over.
     *
     * @return false by default
     */
    default boolean isBusy() {
        return false;
    }

    /**
     * Returns how much memory the receiver holds for a connection: what it has received and has not done with yet. For
     * accepted connections, this counts against the {@link MemoryCap} of the loop. Called after {@code bytes}, on
     * {@link LoopConnection#heldBytesChanged}, after {@code closed}, and when memory is short.
     *
     * @param connection accepted; maybe closed by now
     * @return 0 by default
     */
    default long heldBytes(LoopConnection connection) {
        return 0;
    }
}
