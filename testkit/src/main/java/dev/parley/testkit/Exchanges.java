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

    /** The requests that are streams whose client has not ended its direction. */
    private final Map<String, Pending> open = new LinkedHashMap<>();

    private final Deque<Pending> inOrder = new ArrayDeque<>();

    /**
     * Returns the request to which a message of the client belongs as a further message of its stream. Returns null if
     * the message is a request of its own.
     */
    @Nullable
    Pending continued(@Nullable String id, boolean moreFollows) {
        if (id == null) {
            return null;
        }
        return moreFollows ? open.get(id) : open.remove(id);
    }

    /** Called if the client cancels an exchange, after which it sends no further message of it. */
    void cancelled(@Nullable String id) {
        if (id != null) {
            open.remove(id);
        }
    }

    Pending asked(@Nullable String id, boolean moreFollows, boolean wantsResponse) {
        var pending = new Pending();
        if (id != null && moreFollows) {
            open.put(id, pending);
            forgetOldest(open);
        }
        if (!wantsResponse) {
            return pending;
        }
        if (id == null) {
            inOrder.add(pending);
        } else {
            byId.put(id, pending);
        }
        forgetOldest(byId);
        if (inOrder.size() > WAITING_MAX) {
            inOrder.remove();
        }
        return pending;
    }

    private static void forgetOldest(Map<String, Pending> requests) {
        if (requests.size() > WAITING_MAX) {
            requests.remove(requests.keySet().iterator().next());
        }
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
