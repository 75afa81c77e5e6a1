package dev.parley.testkit;

/** What becomes of one message: the sum of all faults that met it. Nothing by itself. */
final class FaultSum {
    static final long NEVER = -1;

    /** How long it waits, and whatever comes behind it. */
    long delayNanos;

    /** All of it vanishes, and the connection goes on as if it had not been sent. */
    boolean dropped;

    /** It vanishes, and whatever comes behind it. */
    boolean blackholed;

    /** The connection is reset when so many of its bytes have passed. */
    long resetAfterBytes = NEVER;

    /** The place of the byte that is changed. */
    long corruptedAt = NEVER;
}
