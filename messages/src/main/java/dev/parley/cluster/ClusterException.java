package dev.parley.cluster;

import java.io.IOException;
import java.io.Serial;

/** A request or a value that did not get through the cluster. */
public final class ClusterException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** The reasons why a request or a stream did not get through. */
    public enum Reason {
        /** No node offers the action now. The request was not handled. */
        NO_NODE,
        /** The bus is not connected, or has no room. The request or value was not sent. */
        NOT_SENT,
        /** The message is longer than the bus carries, or than the other node takes. It was not handled. */
        TOO_LARGE,
        /** The request was sent, and no response came in time. It may have been handled. */
        TIMEOUT,
        /** The connection to the bus broke while the response was waited for. The request may have been handled. */
        LOST,
        /** The response could not be carried, or could not be read. The request was handled. */
        BAD_RESPONSE
    }

    /**
     * Makes an exception.
     *
     * @param reason why
     * @param message one sentence for people, without the peer's words
     */
    public ClusterException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** {@return why it did not get through} */
    public Reason reason() {
        return reason;
    }
}
