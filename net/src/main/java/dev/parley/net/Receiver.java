package dev.parley.net;

import java.nio.ByteBuffer;

/**
 * Your side of a connection on an event loop. Every method is called on the loop's thread, one at a time, and must not
 * block: while it runs, all other connections of the loop wait.
 *
 * <p>What a method throws closes this connection with {@link CloseReason#FAILED} and harms no other.
 */
@FunctionalInterface
public interface Receiver {
    /**
     * Bytes arrived, as many as happened to: a message may come in pieces, and several together.
     *
     * @param bytes read-only, valid during the call; what is left in it is lost
     */
    void bytes(LoopConnection connection, ByteBuffer bytes);

    /** The connection stands: it was accepted, or the connect succeeded. Nothing by default. */
    default void opened(LoopConnection connection) {}

    /** The peer ended its direction; told once. By default the connection closes when all queued bytes are sent. */
    default void ended(LoopConnection connection) {
        connection.close();
    }

    /** All queued bytes are sent after a {@code send} that answered false. Nothing by default. */
    default void writable(LoopConnection connection) {}

    /** The connection is closed; the last call, exactly one. Nothing by default. */
    default void closed(LoopConnection connection, CloseReason reason) {}

    /**
     * Whether somebody works on an answer, or waits for one: then silence is no idleness, and the idle timeout starts
     * again. The loop's thread.
     */
    default boolean isBusy() {
        return false;
    }
}
