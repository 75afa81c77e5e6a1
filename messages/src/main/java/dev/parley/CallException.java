package dev.parley;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A call that brought no answer: it was refused, timed out, or its connection was lost. */
public abstract sealed class CallException extends IOException
        permits RefusedException, TimedOutException, ConnectionLostException {
    private static final long serialVersionUID = 1L;

    /** What is known of the request. */
    public enum Outcome {
        /** No handler ran: it may be sent again. */
        NOT_PROCESSED,
        /** It may have been handled, or not. */
        UNKNOWN
    }

    private final Outcome outcome;

    CallException(String message, Outcome outcome, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /** Whether the request may have been handled. */
    public Outcome outcome() {
        return outcome;
    }
}
