package dev.parley;

/** The state of a {@link Client}: the state of its connection or, if it has several, the best of their states. */
public enum ClientState {
    /** Not connected, since there were no calls for some time. The next call connects. */
    IDLE,
    /** An attempt to connect is under way. */
    CONNECTING,
    /** Connected. Calls are sent. */
    READY,
    /** The server is going away. Calls under way may finish, and the client makes another connection. */
    DRAINING,
    /** The connection was lost, or could not be made. The client makes the next attempt after a random time. */
    BACKING_OFF,
    /** Closed permanently. */
    CLOSED
}
