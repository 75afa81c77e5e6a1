package dev.parley.uring;

/** How far a connection is with the poll that tells its peer's end where the receive does not. */
enum HangupPoll {
    /** It begins with the first receive: whoever is turned away unread is not watched. */
    DUE,
    UNDER_WAY,
    /** It has told; whether the receive has, too, is looked at when the turn has been told. */
    ENDED,
    /** The receive tells the end by itself: it began after the end. */
    NEEDLESS
}
