package dev.parley;

import dev.parley.net.CloseReason;
import java.io.IOException;
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

    /**
     * {@return a failure that says no more than is known} The last attempt of a call may surely not have been processed
     * while one before it may have been.
     *
     * @param last what the last attempt ended with
     */
    public static Throwable unlessUnknown(Throwable last) {
        if (last instanceof CallException call && call.outcome() == Outcome.UNKNOWN || !(last instanceof IOException)) {
            return last;
        }
        return new ConnectionLostException(
                "the connection was lost, and when it was tried again: " + last.getMessage(),
                CloseReason.RESET,
                Outcome.UNKNOWN,
                last);
    }

    @Override
    public ConnectionLostException copy() {
        return with(outcome());
    }

    /** {@return the same loss, for a request that was not sent when it came} */
    public ConnectionLostException notProcessed() {
        return with(Outcome.NOT_PROCESSED);
    }

    private ConnectionLostException with(Outcome outcome) {
        return new ConnectionLostException(String.valueOf(getMessage()), reason, outcome, getCause());
    }

    /** {@return why it closed; {@link CloseReason#PROTOCOL} where the peer's answer was no message} */
    public CloseReason reason() {
        return reason;
    }
}
