package dev.parley.uring;

/** What a completion belongs to; part of its tag, beside the number of whoever submitted it. */
enum Operation {
    /** Another thread woke the loop: a multishot poll of its eventfd. */
    WAKE,
    ACCEPT,
    CONNECT,
    RECEIVE,
    /** A send that tells of its failure alone, which happens while it is submitted. */
    QUICK_SEND,
    /** A send that waits for room in the peer's and our buffers, and tells when it is done. */
    SLOW_SEND,
    /** A thread that writes by itself waits for room. */
    ROOM,
    /** A closed connection whose last bytes find no room has waited long enough. */
    PATIENCE,
    /** Cancelling and closing: nobody waits for these. */
    UNHEARD,
    /** A completion that was taken out of its turn; its buffer is given back in its turn. */
    TAKEN;

    private static final Operation[] ALL = values();
    private static final int SHIFT = 32;

    /** What the kernel carries from a submission to its completions; it never leaves this process. */
    @SuppressWarnings("EnumOrdinal")
    long tag(int owner) {
        return (long) ordinal() << SHIFT | owner;
    }

    static Operation of(long tag) {
        return ALL[(int) (tag >>> SHIFT)];
    }

    static int ownerOf(long tag) {
        return (int) tag;
    }
}
