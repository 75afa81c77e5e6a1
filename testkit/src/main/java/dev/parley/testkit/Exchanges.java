package dev.parley.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which requests of one connection wait for a response, so that the response can be told by its action, which it does
 * not repeat: by the id, or without one by the order of the requests. Bounded: a peer that never answers makes it
 * forget the oldest.
 */
final class Exchanges {
    private static final int WAITING_MAX = 10_000;

    /** One request; its action may stand in its content, which comes after its header. */
    static final class Pending {
        String action = "";
    }

    private final Map<String, Pending> byId = new LinkedHashMap<>();
    private final Deque<Pending> inOrder = new ArrayDeque<>();

    Pending asked(@Nullable String id, boolean wantsResponse) {
        var pending = new Pending();
        if (!wantsResponse) {
            return pending;
        }
        if (id == null) {
            inOrder.add(pending);
        } else {
            byId.put(id, pending);
        }
        if (byId.size() > WAITING_MAX) {
            byId.remove(byId.keySet().iterator().next());
        }
        if (inOrder.size() > WAITING_MAX) {
            inOrder.remove();
        }
        return pending;
    }

    /** What was asked; a request of no action where nothing was. */
    Pending answered(@Nullable String id, boolean moreFollows) {
        Pending pending;
        if (moreFollows) {
            pending = id == null ? inOrder.peek() : byId.get(id);
        } else {
            pending = id == null ? inOrder.poll() : byId.remove(id);
        }
        return pending == null ? new Pending() : pending;
    }
}
