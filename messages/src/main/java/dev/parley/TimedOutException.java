package dev.parley;

/** No answer within the deadline. */
public final class TimedOutException extends CallException {
    private static final long serialVersionUID = 1L;

    /** A call that ended without an answer. */
    public TimedOutException(String message, Outcome outcome) {
        super(message, outcome, null);
    }
}
