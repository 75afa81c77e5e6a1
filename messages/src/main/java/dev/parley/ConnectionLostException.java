package dev.parley;

import dev.parley.net.CloseReason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if the connection ended before the answer was complete, or if the peer sent something other than a response.
 * The outcome of the request is known only if the request had not been sent.
 */
public final class ConnectionLostException extends CallException {
    private static final long serialVersionUID = 1L;

    private final CloseReason reason;

    /**
     * Makes an exception for a call whose connection closed.
     *
     * @param message one sentence for people
     * @param reason the reason why the connection closed
     * @param outcome the outcome of the request, as far as it is known
     * @param cause the exception that closed the connection; null if there was none
     */
    public ConnectionLostException(String message, CloseReason reason, Outcome outcome, @Nullable Throwable cause) {
        super(message, outcome, cause);
        this.reason = reason;
    }

    /**
     * {@return the failure of a call that was sent several times; its outcome is unknown} Even if the last attempt was
     * certainly not processed, an earlier attempt may have been processed.
     *
     * @param last the exception of the last attempt
     */
    public static Throwable unlessUnknown(Throwable last) {
        if (last instanceof CallException call && call.outcome() == Outcome.UNKNOWN || !(last instanceof IOException)) {
            return last;
        }
        if (last instanceof ClientClosedException) {
            return new ClientClosedException(String.valueOf(last.getMessage()), Outcome.UNKNOWN);
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

    /** {@return a copy of this exception for a request that had not been sent when the connection was lost} */
    public ConnectionLostException notProcessed() {
        return with(Outcome.NOT_PROCESSED);
    }

    private ConnectionLostException with(Outcome outcome) {
        return new ConnectionLostException(String.valueOf(getMessage()), reason, outcome, getCause());
    }

    /**
     * {@return the reason why the connection closed; {@link CloseReason#PROTOCOL} if the peer's response was not a
     * message}
     */
    public CloseReason reason() {
        return reason;
    }
}
