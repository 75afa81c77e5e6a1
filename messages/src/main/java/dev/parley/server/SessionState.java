package dev.parley.server;

/** The state of a {@link ServerSession}. It only ever moves down this list, and may skip states. */
enum SessionState {
    /** Requests are read, handled and answered. */
    OPEN,

    /** The client was asked to go elsewhere: requests are still read, and refused as not processed. */
    GOING_AWAY,

    /** A fatal error was found: nothing is read any more, and what runs is answered before the error is sent. */
    CLOSING,

    /** The connection is closed, or is about to be when its last bytes have left. */
    CLOSED;

    /** Returns true if what the client sends is read. */
    boolean mayRead() {
        return this == OPEN || this == GOING_AWAY;
    }
}
