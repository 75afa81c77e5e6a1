package dev.parley.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Your side of a connection on an event loop. Every method is called on the loop's thread, one at a time, and must not
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
 * <p>The order: {@code opened}; {@code bytes} and {@code writable} as it comes; {@code ended} at most once, and no
 * {@code bytes} after it; at the end exactly one {@code closed}. A connect that fails hears {@code closed} alone, and a
 * newcomer for whom there is no room {@code turnedAway} alone. An exception or error that a method throws closes this
 * connection with {@link CloseReason#FAILED} and harms no other; {@code closed} follows then too, also where {@code
 * refusal} threw, and not where {@code turnedAway} did.
 */
@FunctionalInterface
public interface Receiver {
    /**
     * Bytes arrived, as many as happened to: a message may come in pieces, and several together (RFC 9293, section 2.2:
     * TCP is a stream).
     *
     * @param connection whose peer sent them
     * @param bytes at least one, at most 64 KiB at a time; read-only, big-endian, valid during the call; what is left
     *     in it is lost
     */
    void bytes(LoopConnection connection, ByteBuffer bytes);

    /**
     * The connection stands: it was accepted, or the connect succeeded. Nothing by default.
     *
     * @param connection both of its ends are known
     */
    default void opened(LoopConnection connection) {}

    /**
     * A newcomer was accepted: whether there is room for it, for a reason of the layer above. Where there is none,
     * {@link #turnedAway} is told, as where there are {@link Limits#connectionsMax} already.
     *
     * @param connection says who it is; nothing is done with it here
     * @return why there is no room, for the log; null, the default, where it is welcome
     */
    default @Nullable String refusal(LoopConnection connection) {
        return null;
    }

    /**
     * A newcomer was accepted for which there is no room, be it by {@link Limits#connectionsMax} or by {@link
     * #refusal}: told instead of {@code opened}, and nothing follows. Where there is something to say, it is sent, and
     * the connection lingers as in {@link LoopConnection#closeLingering} until the peer has ended too, for {@link
     * Limits#lingerTimeout} in all; otherwise it is closed at once. The reason is {@link CloseReason#LIMIT}. Not asked
     * while 64 such goodbyes of the listener are under way: the next ones are closed at once.
     *
     * @param connection says who it is; nothing is done with it here
     * @return the last words, from position to limit, a few hundred bytes; empty, the default, for none
     */
    default ByteBuffer turnedAway(LoopConnection connection) {
        return ByteBuffer.allocate(0);
    }

    /**
     * The peer ended its direction; told once. By default the connection closes when all queued bytes are sent.
     *
     * @param connection may still send
     */
    default void ended(LoopConnection connection) {
        connection.close();
    }

    /**
     * All queued bytes are sent after a {@code send} that answered false. Nothing by default.
     *
     * @param connection has nothing queued
     */
    default void writable(LoopConnection connection) {}

    /**
     * The connection is closed; the last call, exactly one. Nothing by default.
     *
     * @param connection tells more with {@link LoopConnection#closeCause} and {@link LoopConnection#closeText}
     * @param reason why
     */
    default void closed(LoopConnection connection, CloseReason reason) {}

    /**
     * The idle timeout is over, and nobody works on an answer. A protocol that has a goodbye says it here, so that what
     * the peer sends at this very moment is not lost.
     *
     * @param connection with nothing under way
     * @return whether the receiver ends the connection itself; if not, it is closed now, with {@link CloseReason#IDLE}.
     *     False by default
     */
    default boolean idle(LoopConnection connection) {
        return false;
    }

    /**
     * Whether somebody works on an answer, or waits for one: then silence is no idleness, and the idle timeout starts
     * again. Asked when it is over.
     *
     * @return false by default
     */
    default boolean isBusy() {
        return false;
    }

    /**
     * How much memory it holds for a connection: what it has received and not done with. Counted against the {@link
     * MemoryCap} of the loop, for accepted connections. Asked after {@code bytes}, when {@link
     * LoopConnection#heldBytesChanged} says so, after {@code closed}, and when memory is short.
     *
     * @param connection accepted; maybe closed by now
     * @return 0 by default
     */
    default long heldBytes(LoopConnection connection) {
        return 0;
    }
}
