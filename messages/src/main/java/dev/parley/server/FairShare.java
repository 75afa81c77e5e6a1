package dev.parley.server;

import dev.parley.link.MessageOutput;

/**
 * How much one connection may have before the others of its loop have theirs: so many bytes of answers, since small
 * requests for large answers would keep them waiting, and so few messages that are not simply answered, such as
 * controls, errors, and requests whose handler throws: they cost more, and a flood of them would do the same. One for
 * each loop, as one connection has its turn at a time. Runs on the loop's thread.
 */
final class FairShare {
    private static final int ANSWER_BYTES = 64 * 1024;

    private static final int OTHERS_MAX = 16;

    /** A stack trace is made for each, which may be deep. */
    private static final int FAILURE_COUNTS = 8;

    private long endBytes;
    private int others;

    /** From here on counts what this connection has. */
    void begin(MessageOutput output) {
        endBytes = output.takenBytes() + ANSWER_BYTES;
        others = 0;
    }

    /** What was taken is a control, or refused. */
    void tookOther() {
        others++;
    }

    /** The handler of what was taken has failed, on the loop. */
    void tookFailure() {
        others += FAILURE_COUNTS;
    }

    /** Whether it has had what it may have, and the rest comes when the others have had theirs. */
    boolean isOver(MessageOutput output) {
        return others >= OTHERS_MAX || output.takenBytes() >= endBytes;
    }
}
