package dev.parley;

/** What a {@link Client} is doing about its connection; with several, the best of them says. */
public enum ClientState {
    /** Not connected, as nothing was asked of it lately; the next call connects. */
    IDLE,
    /** An attempt to connect is under way. */
    CONNECTING,
    /** Connected: calls are sent. */
    READY,
    /** The server goes away: what is under way may end, and another connection is being made. */
    DRAINING,
    /** The connection was lost, or could not be made; the next attempt comes after a random time. */
    BACKING_OFF,
    /** Closed for good. */
    CLOSED
}
