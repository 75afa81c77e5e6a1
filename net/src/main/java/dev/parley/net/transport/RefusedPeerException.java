package dev.parley.net.transport;

import java.io.IOException;

/** A peer has connected, but is not one that may: the message says who it is, and who may connect. */
public final class RefusedPeerException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes an exception.
     *
     * @param message what was seen, and what is allowed
     */
    public RefusedPeerException(String message) {
        super(message);
    }
}
