package dev.parley.server;

/**
 * The state of a {@link ServerSession}. A session only moves from an earlier state of this list to a later one, and may
 * skip states.
 */
enum SessionState {
    /** Requests are read, handled and answered. */
    OPEN,

    /** The client was asked to use another connection. Requests are still read, but refused as not processed. */
    GOING_AWAY,

    /**
     * A fatal error was found, and no further request is read. The error is sent once the requests before it are
     * answered, or their grace time is over.
     */
    CLOSING,

    /** The connection is closed, or will be as soon as its last bytes are sent. */
    CLOSED;

    /** Returns true if the messages of the client are read. */
    boolean mayRead() {
        return this == OPEN || this == GOING_AWAY;
    }
}
