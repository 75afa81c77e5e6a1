package dev.parley.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that wait for a response. A response does not repeat its action, so it is found
 * through its request: by the id, or without one by the order of the requests. Bounded: if a peer never responds, the
 * oldest requests are forgotten.
 */
final class Exchanges {
    private static final int WAITING_MAX = 10_000;

    /** One request; its action may be in its content, which comes after its header. */
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

    /** Returns the request of a response, or a request without an action if there is none. */
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
