package dev.parley;

/** The state of a {@link Client}'s connection; with several connections, the best state of them. */
public enum ClientState {
    /** Not connected, since there were no calls lately; the next call connects. */
    IDLE,
    /** An attempt to connect is under way. */
    CONNECTING,
    /** Connected: calls are sent. */
    READY,
    /** The server is going away: calls under way may finish, and another connection is being made. */
    DRAINING,
    /** The connection was lost, or could not be made; the next attempt comes after a random time. */
    BACKING_OFF,
    /** Closed permanently. */
    CLOSED
}
