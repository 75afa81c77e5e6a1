package dev.parley.uring;

/**
 * The operation that a completion belongs to. It is part of the completion's tag, next to the number of the {@link
 * RingHandle} that submitted it.
 */
enum Operation {
    /** A multishot poll of the eventfd by which other threads wake the loop. */
    WAKE,
    ACCEPT,
    CONNECT,
    RECEIVE,
    /** A receive into large buffers, for peers that send much at once. */
    RECEIVE_LARGE,
    /**
     * A send that the kernel carries out while it takes the submission. It has a completion only if the send fails, or
     * the socket does not take all of its bytes.
     */
    QUICK_SEND,
    /** A send that waits in the kernel until there is room in the socket buffers, and completes when it has ended. */
    SLOW_SEND,
    /** A poll for the end of the peer's direction, because the receive may fail to report this end. */
    PEER_END,
    /** A poll for room in the socket's buffer, for a thread that writes with its own system calls. */
    ROOM,
    /** A period of the {@link ClosingTimeout} of a closed connection. */
    PATIENCE,
    /** An operation whose completion is ignored, such as cancelling or closing. */
    UNHEARD,
    /**
     * A receive whose completion was handled before its turn came. When its turn comes, only its buffer is given back.
     */
    TAKEN,
    TAKEN_LARGE;

    private static final Operation[] ALL = values();
    private static final int SHIFT = 56;
    private static final long KEY_MASK = (1L << SHIFT) - 1;

    /** Returns the tag of a submission, which the kernel copies to the completions. A tag never leaves this process. */
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

    /** Returns true if the completions of this operation refer to large buffers. */
    boolean isLarge() {
        return this == RECEIVE_LARGE || this == TAKEN_LARGE;
    }

    /** Returns the {@link RingHandle#number} that the tag contains. */
    static long keyOf(long tag) {
        return tag & KEY_MASK;
    }
}
