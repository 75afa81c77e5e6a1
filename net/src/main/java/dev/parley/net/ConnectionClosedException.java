package dev.parley.net;

import dev.parley.net.text.SafeText;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a read or write on a connection that is closed, or was closed while the call waited. The message names the
 * peer, the reason and the limit that was exceeded, if any.
 */
public final class ConnectionClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final CloseReason reason;

    ConnectionClosedException(String message, CloseReason reason, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    static ConnectionClosedException of(
            ConnectionInfo connection, CloseReason reason, Limits limits, @Nullable Throwable cause) {
        return new ConnectionClosedException(
                "the connection with " + SafeText.line(connection.peerAddress()) + " is closed (" + reason + "): "
                        + CloseText.of(reason, limits, cause),
                reason,
                cause);
    }

    /** {@return why the connection closed} */
    public CloseReason reason() {
        return reason;
    }
}
