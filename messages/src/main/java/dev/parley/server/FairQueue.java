package dev.parley.server;

import dev.parley.net.EventLoop;
import java.util.ArrayDeque;

/**
 * The connections of one loop whose turn was over before they had all the responses that they asked for. Each goes on
 * behind the others, and only a few of them between two polls of the sockets. So, however many connections ask for
 * much, one that asks for little waits for a few of them and not for all. Runs on the loop's thread.
 */
final class FairQueue {
    private static final int AT_ONCE_MAX = 8;

    private final EventLoop loop;
    private final ArrayDeque<Member> waiting = new ArrayDeque<>();
    private boolean due;

    /** A connection that waits for its next turn. */
    interface Member {
        /** Goes on, as the others have had their turn. */
        void nextTurn();
    }

    FairQueue(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Queues a member, which goes on when the others have had their turn. A member must not be queued twice at a time.
     */
    void await(Member member) {
        waiting.add(member);
        goOnLater();
    }

    private void goOnLater() {
        if (!due && !waiting.isEmpty()) {
            due = loop.tryExecute(this::goOn);
        }
    }

    private void goOn() {
        due = false;
        try {
            for (int left = Math.min(AT_ONCE_MAX, waiting.size()); left > 0; left--) {
                waiting.remove().nextTurn();
            }
        } finally {
            goOnLater();
        }
    }
}
