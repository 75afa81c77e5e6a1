package dev.parley;

/** The state of a {@link Client}: the state of its connection or, if it has several, the best of their states. */
public enum ClientState {
    /**
     * Not connected, and nothing waits for a connection: there were no calls yet, or the server has ended a connection
     * that was young, or has refused one message on it. The next call connects.
     */
    IDLE,
    /** An attempt to connect is under way. */
    CONNECTING,
    /** Connected. Calls are sent. */
    READY,
    /** The server is going away. Calls under way may finish, and the client makes another connection. */
    DRAINING,
    /** An attempt to connect has failed, or the connection was lost. The next attempt follows after a random time. */
    BACKING_OFF,
    /** Closed permanently. */
    CLOSED
}
