package dev.parley.server;

import dev.parley.link.MessageOutput;

/**
 * Limits how much a server does for one connection before the other connections of its loop have their turn. (The
 * transports limit how much is read at once.) It limits the bytes of responses, since small requests for large
 * responses would keep the other connections waiting. It also limits the number of controls, errors, and requests whose
 * handler throws: such messages cost more than an answered request, so a flood of them would keep the other connections
 * waiting too. Each loop has one object of this class, since one connection has its turn at a time. Runs on the loop's
 * thread.
 */
final class FairShare {
    private static final int ANSWER_BYTES = 64 * 1024;

    private static final int OTHERS_MAX = 16;

    /** A failure counts as this many messages, since each failure needs a stack trace, which may be deep. */
    private static final int FAILURE_COUNTS = 8;

    private long endBytes;
    private int others;

    /** Begins the turn of a connection, and counts the bytes that its output takes from now on. */
    void begin(MessageOutput output) {
        endBytes = output.takenBytes() + ANSWER_BYTES;
        others = 0;
    }

    /** Counts a message that is a control or was refused. */
    void countOther() {
        others++;
    }

    /** Counts a message whose handler has failed on the loop. */
    void countFailure() {
        others += FAILURE_COUNTS;
    }

    /**
     * Returns true if the connection has used up its share of this turn. It goes on when the other connections have had
     * their turn.
     */
    boolean isOver(MessageOutput output) {
        return others >= OTHERS_MAX || output.takenBytes() >= endBytes;
    }
}
