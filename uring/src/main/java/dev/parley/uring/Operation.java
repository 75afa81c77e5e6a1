package dev.parley.uring;

/**
 * The operation that a completion belongs to. It is part of the completion's tag, next to the number of the {@link
 * RingHandle} that submitted it.
 */
enum Operation {
    /** Another thread woke the loop: a multishot poll of its eventfd. */
    WAKE,
    ACCEPT,
    CONNECT,
    RECEIVE,
    /** A receive into large buffers, for peers that send much at once. */
    RECEIVE_LARGE,
    /** A send that completes only if it fails, which happens while it is submitted. */
    QUICK_SEND,
    /** A send that waits for room in the peer's and our buffers, and completes when it is done. */
    SLOW_SEND,
    /** A peer has ended its direction, which the receive may never report. */
    PEER_END,
    /** A thread that writes with its own system calls waits for room. */
    ROOM,
    /** A closed connection whose last bytes find no room has waited long enough. */
    PATIENCE,
    /** Cancelling and closing, whose completions are ignored. */
    UNHEARD,
    /** A completion that was handled ahead of its turn; its buffer is given back in its turn. */
    TAKEN,
    TAKEN_LARGE;

    private static final Operation[] ALL = values();
    private static final int SHIFT = 56;
    private static final long KEY_MASK = (1L << SHIFT) - 1;

    /** Returns the tag, which the kernel copies from a submission to its completions; it never leaves this process. */
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

    /** Returns true if its completions carry a buffer of the group of large ones. */
    boolean isLarge() {
        return this == RECEIVE_LARGE || this == TAKEN_LARGE;
    }

    /** Returns the {@link RingHandle#number} that the tag was made with. */
    static long keyOf(long tag) {
        return tag & KEY_MASK;
    }
}
