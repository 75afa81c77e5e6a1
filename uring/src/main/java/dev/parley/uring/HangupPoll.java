package dev.parley.uring;

/** The state of the poll that reports the peer's end if the receive does not. */
enum HangupPoll {
    /** The poll begins with the first receive, so a connection that is rejected unread is not watched. */
    DUE,
    UNDER_WAY,
    /**
     * The poll has reported the end. Whether the receive has reported it too is checked after all completions of the
     * turn.
     */
    ENDED,
    /** The receive reports the end by itself, since it began after the end. */
    NEEDLESS
}
