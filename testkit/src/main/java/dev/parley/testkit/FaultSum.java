package dev.parley.testkit;

/** The sum of all faults that apply to one message; at first there are none. */
final class FaultSum {
    static final long NEVER = -1;

    /** The time for which the message waits, and everything behind it. */
    long delayNanos;

    /** True if the whole message vanishes, and the connection goes on as if it had not been sent. */
    boolean dropped;

    /** True if the message vanishes, and everything behind it. */
    boolean blackholed;

    /** The number of the message's bytes after which the connection is reset. */
    long resetAfterBytes = NEVER;

    /** The offset of the byte that is changed. */
    long corruptedAt = NEVER;
}
