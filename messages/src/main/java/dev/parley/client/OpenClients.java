package dev.parley.client;

import dev.parley.net.EventLoop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The open clients of one loop, which end if the loop is closed. Without this, a client that has no connection then,
 * and waits for the next attempt, would never notice. Used on the loop's thread.
 */
final class OpenClients {
    private final Set<CallDispatcher> all = new LinkedHashSet<>();

    private boolean loopEnded;

    private OpenClients(EventLoop loop) {
        loop.whenClosing(this::loopEnded);
    }

    /** Adds a client. If the loop is closed, its calls are refused instead. Any thread may call this. */
    static void add(CallDispatcher client) {
        client.loop().tryExecute(() -> of(client.loop()).addHere(client));
    }

    private void addHere(CallDispatcher client) {
        if (loopEnded) {
            client.end();
        } else {
            all.add(client);
        }
    }

    /** Removes a client that was closed. Any thread may call this. */
    static void remove(CallDispatcher client) {
        client.loop().tryExecute(() -> of(client.loop()).all.remove(client));
    }

    private static OpenClients of(EventLoop loop) {
        return loop.shared(OpenClients.class, () -> new OpenClients(loop), ended -> {});
    }

    private void loopEnded() {
        loopEnded = true;
        List.copyOf(all).forEach(CallDispatcher::end);
    }
}
