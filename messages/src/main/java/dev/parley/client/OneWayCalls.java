package dev.parley.client;

import dev.parley.net.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends the one-way calls of a connection, which get no response: all that were sent in one turn, in one task of the
 * loop. The task is there for the reason of {@link ClientExchange#endSoon}. Used on the loop's thread.
 */
final class OneWayCalls {
    private final EventLoop loop;
    private List<Call> sent = new ArrayList<>();

    OneWayCalls(EventLoop loop) {
        this.loop = loop;
    }

    /** Called when a call was sent. */
    void sent(Call call) {
        call.stopTimer();
        sent.add(call);
        if (sent.size() == 1 && !loop.tryExecute(this::succeed)) {
            succeed();
        }
    }

    private void succeed() {
        List<Call> ended = sent;
        sent = new ArrayList<>();
        ended.forEach(call -> call.succeed(call.request()));
    }
}
