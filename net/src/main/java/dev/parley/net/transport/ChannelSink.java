package dev.parley.net.transport;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A channel sink is called by a channel, on the loop's thread only, and never after the channel was closed. */
public interface ChannelSink {
    /** The connect that was under way succeeded. */
    void connected();

    /**
     * Bytes arrived.
     *
     * @param bytes at least one; read-only, valid during the call; what is left in it is lost
     */
    void received(ByteBuffer bytes);

    /** The peer ended its direction; called once. */
    void ended();

    /** The value of {@link Channel#heldBytes} has grown, and no other call says so. */
    default void heldBytesChanged() {}

    /** The channel takes bytes again. */
    void writable();

    /**
     * The connect failed, or the connection broke; no call follows. The channel is still to be closed.
     *
     * @param cause what the system said
     */
    void failed(IOException cause);

    /**
     * Bytes that were taken before could not be sent, since the connection is broken. What the peer had sent by then
     * may still be read with {@link Channel#readNow}. The channel is still to be closed.
     *
     * @param cause what the system said
     */
    default void sendFailed(IOException cause) {
        failed(cause);
    }
}
