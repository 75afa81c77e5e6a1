package dev.parley;

import dev.parley.net.CloseReason;
import org.jspecify.annotations.Nullable;

/** The connection ended before the answer was complete, or brought something that is none. */
public final class ConnectionLostException extends CallException {
    private static final long serialVersionUID = 1L;

    private final CloseReason reason;

    /** A call whose connection closed for this reason. */
    public ConnectionLostException(String message, CloseReason reason, Outcome outcome, @Nullable Throwable cause) {
        super(message, outcome, cause);
        this.reason = reason;
    }

    /** Why it closed; {@link CloseReason#PROTOCOL} where the peer's answer was no message. */
    public CloseReason reason() {
        return reason;
    }
}
