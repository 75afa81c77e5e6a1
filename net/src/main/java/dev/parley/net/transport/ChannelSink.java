package dev.parley.net.transport;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A channel calls its channel sink when something happens on the channel, on the loop's thread only, and never after
 * the channel was closed.
 */
public interface ChannelSink {
    /** Called when the connect that was under way has succeeded. */
    void connected();

    /**
     * Called when bytes have arrived.
     *
     * @param bytes at least one byte; the buffer is read-only, and valid during the call; bytes that the sink leaves in
     *     it are lost
     */
    void received(ByteBuffer bytes);

    /** Called once, when the peer has ended its direction. */
    void ended();

    /**
     * Called when the value of {@link Channel#heldBytes} has grown, and no other method of this sink is called for the
     * reason.
     */
    default void heldBytesChanged() {}

    /** Called when the channel takes bytes again. */
    void writable();

    /**
     * Called when the connect has failed, or the connection has broken. No call follows. The sink's owner must still
     * close the channel.
     *
     * @param cause the system's error
     */
    void failed(IOException cause);

    /**
     * Called when bytes that the channel has taken could not be sent, because the connection is broken. The bytes that
     * the peer sent before can still be read with {@link Channel#readNow}. The sink's owner must still close the
     * channel.
     *
     * @param cause the system's error
     */
    default void sendFailed(IOException cause) {
        failed(cause);
    }
}
