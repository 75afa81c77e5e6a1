package dev.parley;

import java.io.IOException;

/**
 * Thrown if the other side wants nothing more of this stream: a client has cancelled, its time is over, or its
 * connection is lost; or a server has already responded. A handler need not catch it: if no client waits for an answer,
 * its failure does not matter.
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
