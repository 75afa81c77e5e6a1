package dev.parley;

import java.io.IOException;

/**
 * The other side wants nothing more of this stream: a client cancelled, its time is over, its connection is lost; or a
 * server has answered already. A handler need not catch it: where nobody waits for an answer, its failure is nobody's.
 */
public final class ExchangeEndedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * An end for this reason.
     *
     * @param message one sentence for people
     */
    public ExchangeEndedException(String message) {
        super(message);
    }
}
