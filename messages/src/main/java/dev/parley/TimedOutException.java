package dev.parley;

/** No answer within the deadline. Where the request was not sent yet, the message says so, and the outcome is known. */
public final class TimedOutException extends CallException {
    private static final long serialVersionUID = 1L;

    /**
     * A call that ended without an answer.
     *
     * @param message one sentence for people
     * @param outcome what is known of the request
     */
    public TimedOutException(String message, Outcome outcome) {
        super(message, outcome, null);
    }

    @Override
    public TimedOutException copy() {
        return new TimedOutException(String.valueOf(getMessage()), outcome());
    }
}
