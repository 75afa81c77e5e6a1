package dev.parley.client;

import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.link.StreamMessages;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a client adds to the header of a request: its action and the time that is left. The next call nearly
 * always adds the same keys. So the map of the keys is kept, and the writer of the header then recognizes the same map
 * object quickly. Runs on the loop's thread.
 */
final class RequestKeys {
    /** The timeout of a call without a deadline. */
    static final long NO_TIMEOUT = -1;

    private @Nullable String action;
    private long timeoutMillis = NO_TIMEOUT;
    private Map<String, Object> keys = Map.of();

    /** Returns the request with the added keys, as it is sent, but without its id. */
    Message addTo(Message request, @Nullable String newAction, long newTimeoutMillis) {
        Header header = request.header();
        Map<String, Object> own = header.others();
        Map<String, Object> added = keys(newAction, newTimeoutMillis);
        Header whole = own.isEmpty()
                ? StreamMessages.withKeys(header, Header.NO_ID, added)
                : StreamMessages.withKeys(header, Header.NO_ID, together(own, added))
                        .going(Direction.REQUEST, Header.NO_ID);
        return Message.of(request.frame().with(whole));
    }

    private static Map<String, Object> together(Map<String, Object> own, Map<String, Object> added) {
        var together = new LinkedHashMap<>(own);
        together.putAll(added);
        return together;
    }

    private Map<String, Object> keys(@Nullable String newAction, long newTimeoutMillis) {
        boolean known =
                newTimeoutMillis == timeoutMillis && (newAction == null ? action == null : newAction.equals(action));
        if (!known) {
            action = newAction;
            timeoutMillis = newTimeoutMillis;
            keys = made(newAction, newTimeoutMillis);
        }
        return keys;
    }

    private static Map<String, Object> made(@Nullable String action, long timeoutMillis) {
        var made = new LinkedHashMap<String, Object>();
        if (action != null) {
            made.put(Header.ACTION, action);
        }
        if (timeoutMillis != NO_TIMEOUT) {
            made.put(Header.TIMEOUT_MS, new JsonNumber(Long.toString(timeoutMillis)));
        }
        return Collections.unmodifiableMap(made);
    }
}
