package dev.parley;

/**
 * Thrown if there is no answer within the deadline. If the request had not been sent, the message says so, and the
 * outcome is known.
 */
public final class TimedOutException extends CallException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception for a call that ended without an answer.
     *
     * @param message one sentence for people
     * @param outcome the outcome of the request, as far as it is known
     */
    public TimedOutException(String message, Outcome outcome) {
        super(message, outcome, null);
    }

    @Override
    public TimedOutException copy() {
        return new TimedOutException(String.valueOf(getMessage()), outcome());
    }
}
