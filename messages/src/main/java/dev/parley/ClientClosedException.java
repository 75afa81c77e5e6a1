package dev.parley;

/**
 * Thrown if the client, or its loop, was closed before the answer arrived. Each later call of this client throws it
 * too, so do not call again.
 */
public final class ClientClosedException extends CallException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception for a call that ended with its client.
     *
     * @param message one sentence for people
     * @param outcome the outcome of the request, as far as it is known
     */
    public ClientClosedException(String message, Outcome outcome) {
        super(message, outcome, null);
    }

    @Override
    public ClientClosedException copy() {
        return new ClientClosedException(String.valueOf(getMessage()), outcome());
    }
}
