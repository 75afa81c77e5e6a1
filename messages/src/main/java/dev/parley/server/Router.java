package dev.parley.server;

import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RefusedRequestException;
import dev.parley.frame.ActionName;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FlatObject;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.ConnectionInfo;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the handler of a request: by the header's {@code action}, by the content's as the tutorial's programs write it,
 * or the default one. Immutable, shared by all loops of a server.
 */
public final class Router {
    /** What a client asks that does not know yet whom it speaks to; every server answers it itself. */
    public static final String WHO_ARE_YOU = "parley.peer";

    private static final Message PARLEY = Message.json("{\"result\": \"parley\"}");
    private static final Route ABOUT_US = new Route((request, exchange) -> PARLEY, true);

    /** So few names are compared one by one, without a string's being made of the one that is asked for. */
    private static final int FEW = 16;

    private final Map<String, Route> routes;
    private final String[] names;
    private final Route[] routesByName;
    private final @Nullable Route otherwise;
    private final ActionHint hint;
    private final @Nullable FilterChain filtersOfRefusal;

    /**
     * A router of these handlers; without a default one, an action that nobody handles is refused.
     *
     * @param filtersOfRefusal what a request goes through before that, on a server that asks for credentials: whoever
     *     shows none must not learn which names there are. Null for nothing
     */
    public Router(Map<String, Route> routes, @Nullable Route otherwise, @Nullable FilterChain filtersOfRefusal) {
        this.filtersOfRefusal = filtersOfRefusal;
        this.routes = Map.copyOf(routes);
        this.names = this.routes.keySet().toArray(String[]::new);
        this.routesByName = Arrays.stream(names).map(this.routes::get).toArray(Route[]::new);
        this.otherwise = otherwise;
        this.hint = new ActionHint(routes.keySet());
    }

    /**
     * Where a request goes, as far as that is found at once: null if it takes a look at its whole content that is too
     * much for the loop, or if the handler would have to bind it there. Then {@link #find} is for another thread.
     *
     * @param bytesMax how long a content may be that the loop looks through
     */
    @Nullable
    Route findOnLoop(Message request, ConnectionInfo connection, int bytesMax) {
        if (request.frame().isPacked() || mustLookThrough(request) && request.contentLength() > bytesMax) {
            return null;
        }
        Route route = find(request, connection);
        return route.question() != null && request.contentLength() > bytesMax ? null : route;
    }

    /** The action stands in the content, and who handles it reads that too. */
    private static boolean mustLookThrough(Message request) {
        return request.isJson() && request.header().text(Header.ACTION) == null;
    }

    private Route findIn(FlatObject flat, Message request, ConnectionInfo connection) {
        if (otherwise != null && routes.isEmpty()) {
            return flat.isText(Header.ACTION, WHO_ARE_YOU) ? ABOUT_US : otherwise; // no name is looked up
        }
        Route named = routeNamedIn(flat);
        return named != null ? named : routeOf(request, flat.text(Header.ACTION), connection);
    }

    /**
     * Where a request goes that the loop does not look through itself; its content is scanned and bound as the handler
     * there needs it, which finds it so.
     */
    Route findAhead(Message request, ConnectionInfo connection) {
        Route route = find(request, connection);
        if (route.onLoop() && mustLookThrough(request)) {
            request.scanAhead();
        }
        Class<?> question = route.question();
        if (question != null) {
            request.bindAhead(question);
        }
        return route;
    }

    /** Where a request goes, however long that takes to find. */
    Route find(Message request, ConnectionInfo connection) {
        String action = request.header().text(Header.ACTION);
        if (action == null && request.isJson()) {
            FlatObject flat = request.flatOrNull();
            if (flat != null) {
                return findIn(flat, request, connection);
            }
            try {
                action = routes.isEmpty() ? null : actionIn(request);
            } catch (ContentException unreadable) {
                return Route.refusing(ErrorResponses.of(unreadable));
            }
        }
        return routeOf(request, action, connection);
    }

    /** The action that a content names; null if it names none. No objects are made of it. */
    private static @Nullable String actionIn(Message request) {
        String action = request.scan().text(Header.ACTION);
        return action != null && ActionName.isValid(action) ? action : null;
    }

    private Route routeOf(Message request, @Nullable String action, ConnectionInfo connection) {
        Route route = action == null ? null : routes.get(action);
        if (route != null) {
            return route;
        }
        if (WHO_ARE_YOU.equals(action)) {
            return ABOUT_US;
        }
        if (otherwise != null) {
            return otherwise;
        }
        String why = whyNobody(action, connection);
        return filtersOfRefusal == null
                ? Route.refusing(ErrorResponses.of(ErrorCode.UNKNOWN_ACTION, why))
                : filtersOfRefusal.route(refusal(request, why));
    }

    private static Route refusal(Message asked, String why) {
        return asked.header().hasMore()
                ? Route.ofStream((in, out, exchange) -> {
                    throw new RefusedRequestException(ErrorCode.UNKNOWN_ACTION, why);
                })
                : new Route(
                        (request, exchange) -> {
                            throw new RefusedRequestException(ErrorCode.UNKNOWN_ACTION, why);
                        },
                        false);
    }

    private @Nullable Route routeNamedIn(FlatObject content) {
        for (int i = 0; i < names.length && names.length <= FEW; i++) {
            if (content.isText(Header.ACTION, names[i])) {
                return routesByName[i];
            }
        }
        return null;
    }

    /** Whether this is what each client asks before anything of its user's. */
    @SuppressWarnings("ReferenceEquality") // there is one
    static boolean isAboutUs(Route route) {
        return route == ABOUT_US;
    }

    /** Why a request has no handler. A peer on this host is told which names there are, no other one. */
    private String whyNobody(@Nullable String action, ConnectionInfo connection) {
        return (action == null ? "the request names no action" : "nobody handles this action here")
                + (isOnThisHost(connection) ? hint.of(action) : "");
    }

    private static boolean isOnThisHost(ConnectionInfo connection) {
        return !(connection.peerAddress() instanceof Address.Tcp tcp) || tcp.isLoopback();
    }

    /** The action that a request names, for a log; null where it names none. */
    static @Nullable String actionOf(Message request) {
        String action = request.header().text(Header.ACTION);
        FlatObject flat = action == null ? request.flatOrNull() : null;
        String found = flat == null ? action : flat.text(Header.ACTION);
        return found != null && ActionName.isValid(found) ? found : null;
    }
}
