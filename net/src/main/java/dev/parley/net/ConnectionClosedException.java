package dev.parley.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A read or write on a connection that is closed, or was closed while it waited. The message names the peer, the reason
 * and the limit that was met.
 */
public final class ConnectionClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final CloseReason reason;

    ConnectionClosedException(String message, CloseReason reason, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** That of a connection which is closed, or is about to be by this side; any thread. */
    static ConnectionClosedException of(LoopConnection connection, @Nullable Throwable cause) {
        CloseReason reason = connection.closeReason();
        Throwable known = connection.closeCause();
        return of(
                connection,
                reason == null ? CloseReason.LOCAL : reason,
                connection.loop().limits(),
                known == null ? cause : known);
    }

    static ConnectionClosedException of(
            ConnectionInfo connection, CloseReason reason, Limits limits, @Nullable Throwable cause) {
        return new ConnectionClosedException(
                "the connection with " + SafeText.line(connection.peerAddress()) + " is closed (" + reason + "): "
                        + CloseText.of(reason, limits, cause),
                reason,
                cause);
    }

    /** {@return why it closed} */
    public CloseReason reason() {
        return reason;
    }
}
