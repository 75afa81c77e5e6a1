package dev.parley.client;

import dev.parley.link.StreamSender;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the responses on one connection that no one waits for any more. Each call that was given up may have one, and
 * each stream as many as its credit has bytes. A few more are a server's mistakes, and beyond that it is a flood. Runs
 * on the loop's thread.
 */
final class LateResponses {
    private static final int MISTAKES_MAX = 100;

    private final LongAdder all;
    private long count;
    private long max = MISTAKES_MAX;

    /** Starts with none; each one is added to those of the whole client. */
    LateResponses(LongAdder all) {
        this.all = all;
    }

    void callGivenUp() {
        max++;
    }

    void streamGivenUp() {
        max += StreamSender.FIRST_CREDIT_BYTES;
    }

    /** Counts a late response. Returns true if that is one too many. */
    boolean isOneTooMany() {
        all.increment();
        count++;
        return count > max;
    }
}
