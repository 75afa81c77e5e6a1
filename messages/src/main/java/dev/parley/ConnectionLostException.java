package dev.parley;

import dev.parley.net.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * The connection ended before the answer was complete, or brought something that is none. The outcome is known only
 * where the request was not sent yet.
 */
public final class ConnectionLostException extends CallException {
    private static final long serialVersionUID = 1L;

    private final CloseReason reason;

    /**
     * A call whose connection closed for this reason.
     *
     * @param message one sentence for people
     * @param reason why it closed
     * @param outcome what is known of the request
     * @param cause what was thrown; null where nothing was
     */
    public ConnectionLostException(String message, CloseReason reason, Outcome outcome, @Nullable Throwable cause) {
        super(message, outcome, cause);
        this.reason = reason;
    }

    /** {@return why it closed; {@link CloseReason#PROTOCOL} where the peer's answer was no message} */
    public CloseReason reason() {
        return reason;
    }
}
