package dev.parley.server;

import dev.parley.net.EventLoop;
import java.util.ArrayDeque;

/**
 * The queue of the connections of one loop whose turn was over before all their requests were answered. Between two
 * polls of the sockets, only the first few connections of the queue go on. So if many connections ask for much, a
 * connection that asks for little waits only for a few of them, and not for all. Runs on the loop's thread.
 */
final class FairQueue {
    private static final int AT_ONCE_MAX = 8;

    private final EventLoop loop;
    private final ArrayDeque<Member> waiting = new ArrayDeque<>();
    private boolean due;

    /** A connection that waits for its next turn. */
    interface Member extends HandlerExecutor.Session {
        /** Goes on with this connection. Called when the connections before it in the queue have had their turn. */
        void nextTurn();
    }

    FairQueue(EventLoop loop) {
        this.loop = loop;
    }

    /** Adds a connection at the end of the queue. A connection that is in the queue must not be added again. */
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
                Runnable turn = waiting.element()::nextTurn; // if there is no memory for it, the member stays
                waiting.remove().guarded(turn);
            }
        } finally {
            goOnLater();
        }
    }
}
