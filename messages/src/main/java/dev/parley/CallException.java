package dev.parley;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if a call gets no answer: it was refused, it timed out, its connection was lost, or the client was closed. If
 * no connection could be made, calls throw {@link dev.parley.net.ConnectFailedException} instead, and nothing was sent.
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
 *                 case ClientClosedException _ -> "this program has closed its client";
 *             };
 *     boolean again = e.outcome() == CallException.Outcome.NOT_PROCESSED;
 *     System.err.println(what + (again ? "; it may be sent again" : "; it may have been handled"));
 * }
 * }
 */
public abstract sealed class CallException extends IOException
        permits RefusedException, TimedOutException, ConnectionLostException, ClientClosedException {
    private static final long serialVersionUID = 1L;

    /** The fate of the request, as far as it is known. */
    public enum Outcome {
        /**
         * No handler ran, so the request may be sent again. The error codes with this meaning are in docs/protocol.md,
         * section 9.
         */
        NOT_PROCESSED,
        /** The request may have been handled, or not. */
        UNKNOWN
    }

    private final Outcome outcome;

    CallException(String message, Outcome outcome, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /**
     * {@return a copy of this failure, for another thread to which the failure is also thrown} The copy has the stack
     * trace of the caller of this method. An exception that is added to one of the two as suppressed is not added to
     * the other.
     */
    public abstract CallException copy();

    /** {@return the fate of the request: whether it may have been handled} */
    public Outcome outcome() {
        return outcome;
    }
}
