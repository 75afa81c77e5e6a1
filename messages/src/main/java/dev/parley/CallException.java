package dev.parley;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A call that brought no answer: it was refused, timed out, or its connection was lost. Where no connection could be
 * made, calls throw {@link dev.parley.net.ConnectFailedException} instead, and nothing was sent.
 *
 * {@snippet :
 * try {
 *     Message answer = client.call("search", Message.json("{\"value\": \"morpheus\"}"));
 *     System.out.println(answer.text());
 * } catch (CallException e) {
 *     String what =
 *             switch (e) {
 *                 case RefusedException refused -> "the server said " + refused.code();
 *                 case TimedOutException _ -> "no answer in time";
 *                 case ConnectionLostException lost -> "the line broke: " + lost.reason();
 *             };
 *     boolean again = e.outcome() == CallException.Outcome.NOT_PROCESSED;
 *     System.err.println(what + (again ? "; it may be sent again" : "; it may have been handled"));
 * }
 * }
 */
public abstract sealed class CallException extends IOException
        permits RefusedException, TimedOutException, ConnectionLostException {
    private static final long serialVersionUID = 1L;

    /** What is known of the request. */
    public enum Outcome {
        /** No handler ran: it may be sent again. The codes that say so are in docs/protocol.md, section 9. */
        NOT_PROCESSED,
        /** It may have been handled, or not. */
        UNKNOWN
    }

    private final Outcome outcome;

    CallException(String message, Outcome outcome, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /**
     * {@return the same failure as an object of its own, for another who is told of it} Its stack is the caller's, and
     * what is suppressed by one is not by the other.
     */
    public abstract CallException copy();

    /** {@return whether the request may have been handled} */
    public Outcome outcome() {
        return outcome;
    }
}
