package dev.parley.net;

import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The one listener that sees everything happen to the connections of a loop. Logs, metrics and {@code parley tour} are
 * such listeners.
 *
 * <p>The order for a listening address: {@code bound}, {@code listening}, any number of {@code accepted} and
 * {@code acceptFailed}, {@code stoppedListening}. For a connection: {@code accepted}, or {@code connecting} (once for
 * each IP address), {@code connectAttemptFailed} between them, and {@code connected}; then {@code received},
 * {@code sent}, {@code peerEnded} and {@code outputEnded} in the order of their bytes; at the end exactly one
 * {@code closed}, after which nothing more is told of it.
 *
 * <p>Called on the loop's thread, except {@code bound} and {@code listening} (the caller of {@code listen}) and
 * {@code sent} of a blocking {@link Connection} (the thread that writes). Methods return quickly and throw nothing;
 * what one throws all the same is logged and costs nobody anything.
 */
public interface Events {
    /** Warnings and failures to the system's logger named {@code dev.parley}; everything else is not told. */
    static Events logging() {
        return LoggingEvents.INSTANCE;
    }

    /**
     * Whether {@code received} and {@code sent} are to be told, once for each piece of traffic; asked once, when the
     * loop starts.
     */
    default boolean seesTraffic() {
        return true;
    }

    /** A socket was bound to this address; its real port is known now. */
    default void bound(Address address, SocketOptions options) {}

    /** The bound socket listens. */
    default void listening(Address address, SocketOptions options) {}

    /** The listening socket was closed. */
    default void stoppedListening(Address address) {}

    /** A peer connected to the listening address. */
    default void accepted(Address listening, ConnectionInfo connection) {}

    /** Accepting failed and pauses; newcomers wait in the backlog. */
    default void acceptFailed(Address listening, IOException cause) {}

    /** A connect to this endpoint starts. */
    default void connecting(ConnectionInfo connection, SocketAddress endpoint) {}

    /** The connect to this endpoint failed; the next one, if there is any, follows. */
    default void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {}

    /** The connection stands. */
    default void connected(ConnectionInfo connection) {}

    /** Bytes arrived; read-only, valid during the call. */
    default void received(ConnectionInfo connection, ByteBuffer bytes) {}

    /** The system took these bytes; read-only, valid during the call. */
    default void sent(ConnectionInfo connection, ByteBuffer bytes) {}

    /** The peer ended its direction. */
    default void peerEnded(ConnectionInfo connection) {}

    /** We ended our direction. */
    default void outputEnded(ConnectionInfo connection) {}

    /**
     * The connection is closed.
     *
     * @param cause what the system or a callback threw; null where nothing did
     */
    default void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {}

    /** Something the operator should know; one line. */
    default void warned(String message) {}

    /** Our own code, or the user's, threw where it should not have. */
    default void failed(String where, Throwable cause) {}
}
