package dev.parley.testkit;

/** The sum of all faults that apply to one message. At first, there are none. */
final class FaultSum {
    static final long NEVER = -1;

    /** The time for which the message and everything after it must wait. */
    long delayNanos;

    /** True if the whole message is dropped. The connection goes on as if the message had not been sent. */
    boolean dropped;

    /** True if the message and everything after it is dropped. */
    boolean blackholed;

    /** The number of the message's bytes after which the connection is reset, or {@link #NEVER}. */
    long resetAfterBytes = NEVER;

    /** The offset of the byte that is changed, or {@link #NEVER}. */
    long corruptedAt = NEVER;
}
