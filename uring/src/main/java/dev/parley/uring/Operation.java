package dev.parley.uring;

/** What a completion belongs to; part of its tag, beside the number of whoever submitted it. */
enum Operation {
    /** Another thread woke the loop: a multishot poll of its eventfd. */
    WAKE,
    ACCEPT,
    CONNECT,
    RECEIVE,
    /** The same with buffers for those that send much at once. */
    RECEIVE_LARGE,
    /** A send that tells of its failure alone, which happens while it is submitted. */
    QUICK_SEND,
    /** A send that waits for room in the peer's and our buffers, and tells when it is done. */
    SLOW_SEND,
    /** A Unix peer has ended its direction, which its receive may never tell. */
    PEER_END,
    /** A thread that writes by itself waits for room. */
    ROOM,
    /** A closed connection whose last bytes find no room has waited long enough. */
    PATIENCE,
    /** Cancelling and closing: nobody waits for these. */
    UNHEARD,
    /** A completion that was taken out of its turn; its buffer is given back in its turn. */
    TAKEN,
    TAKEN_LARGE;

    private static final Operation[] ALL = values();
    private static final int SHIFT = 56;
    private static final long KEY_MASK = (1L << SHIFT) - 1;

    /** What the kernel carries from a submission to its completions; it never leaves this process. */
    @SuppressWarnings("EnumOrdinal")
    long tag(long key) {
        return (long) ordinal() << SHIFT | key;
    }

    static Operation of(long tag) {
        return ALL[(int) (tag >>> SHIFT)];
    }

    @SuppressWarnings("EnumOrdinal")
    static boolean isQuickSend(long tag) {
        return tag >>> SHIFT == QUICK_SEND.ordinal();
    }

    boolean isReceive() {
        return this == RECEIVE || this == RECEIVE_LARGE;
    }

    boolean isTaken() {
        return this == TAKEN || this == TAKEN_LARGE;
    }

    /** Whether its completions come with a buffer of the group of large ones. */
    boolean isLarge() {
        return this == RECEIVE_LARGE || this == TAKEN_LARGE;
    }

    /** The {@link RingHandle#number} that the tag was made with. */
    static long keyOf(long tag) {
        return tag & KEY_MASK;
    }
}
