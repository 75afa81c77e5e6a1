package dev.parley.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the action of a response, through the requests of one connection that wait for a response. A response does not
 * repeat the action of its request, so its request is found by its id or, if it has none, by the order of the requests.
 * The number of requests is bounded: if a peer never responds, the oldest requests are forgotten.
 */
final class Exchanges {
    private static final int WAITING_MAX = 10_000;

    /** A request. Its action is set later if it is only in the content, which arrives after the header. */
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

    /** Returns the request of a response. If the request is not known, returns a request without an action. */
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
