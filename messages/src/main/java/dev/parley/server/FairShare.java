package dev.parley.server;

import dev.parley.link.MessageOutput;

/**
 * Limits how much a server does for one connection before the others of its loop have their turn; the transports limit
 * how much they read. It limits the bytes of responses,
 * since small requests for large responses would keep the others waiting. It also limits the messages that are not
 * simply answered, such as controls, errors, and requests whose handler throws: they cost more, and a flood of them
 * would also keep the others waiting. There is one for each loop, as one connection has its turn at a time. Runs on the
 * loop's thread.
 */
final class FairShare {
    private static final int ANSWER_BYTES = 64 * 1024;

    private static final int OTHERS_MAX = 16;

    /** The number of messages that a failure counts for: a stack trace is made for each failure, and may be deep. */
    private static final int FAILURE_COUNTS = 8;

    private long endBytes;
    private int others;

    /** Begins to count what the connection of this output has. */
    void begin(MessageOutput output) {
        endBytes = output.takenBytes() + ANSWER_BYTES;
        others = 0;
    }

    /** Counts a message that is a control, or was refused. */
    void tookOther() {
        others++;
    }

    /** Counts a message whose handler has failed on the loop. */
    void tookFailure() {
        others += FAILURE_COUNTS;
    }

    /** Returns true if the connection has had its share; the rest comes when the others have had theirs. */
    boolean isOver(MessageOutput output) {
        return others >= OTHERS_MAX || output.takenBytes() >= endBytes;
    }
}
