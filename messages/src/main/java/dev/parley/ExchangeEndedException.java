package dev.parley;

import java.io.IOException;

/**
 * Thrown if the other side wants nothing more of this stream. In a handler: the client has cancelled the call, its time
 * is over, or its connection is lost. In a client: the server has already responded, or this side has closed the
 * stream. A handler need not catch this
 * exception: since no client waits for the answer, it does not matter that the handler fails.
 */
public final class ExchangeEndedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception for this reason.
     *
     * @param message one sentence for people
     */
    public ExchangeEndedException(String message) {
        super(message);
    }
}
