package dev.parley.uring;

/** The state of the poll that reports the end of the peer's stream if the receive does not. */
enum HangupPoll {
    /**
     * The poll has not begun. It begins with the first receive, so a connection that is rejected without being read has
     * no poll.
     */
    DUE,
    UNDER_WAY,
    /**
     * The poll has reported the end. After all completions of the turn, it is checked whether the receive has reported
     * it too.
     */
    ENDED,
    /** The poll is not needed any more: a receive that begins now, after the end, reports the end by itself. */
    NEEDLESS
}
