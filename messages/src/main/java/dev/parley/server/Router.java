package dev.parley.server;

import dev.parley.Codec;
import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RequestRejectedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.json.FlatObject;
import dev.parley.names.ActionName;
import dev.parley.net.ConnectionInfo;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the handler of a request, and decides if the loop itself may search the content for the action. The action is
 * in the header, or in the content, where the tutorial's programs write it. If no handler has this action, the default
 * handler is used. Immutable, shared by all loops of a server.
 */
public final class Router {
    /**
     * The action of peer discovery. A client that does not know its peer yet sends a request with this action, and
     * every Parley server answers it without a handler of the application.
     */
    public static final String WHO_ARE_YOU = "parley.peer";

    private static final Message PARLEY = Message.json("{\"result\": \"parley\"}");
    private static final Route ABOUT_US = new Route((request, exchange) -> PARLEY, true).named(WHO_ARE_YOU);

    /**
     * If there are at most this many names, they are compared one by one, so that no string is created for the action
     * of the request.
     */
    private static final int FEW = 16;

    private final Map<String, Route> routes;
    private final String[] names;
    private final Route[] routesByName;
    private final Map<String, Route> builtIn;
    private final @Nullable DefaultRoute otherwise;
    private final ActionHint hint;
    private final @Nullable FilterChain filtersOfRefusal;

    /**
     * Makes a router for these handlers. Without a default handler, a request whose action has no handler is refused.
     *
     * @param builtIn the routes of the server's own actions, except peer discovery
     * @param filtersOfRefusal the filters through which such a request goes before it is refused, if the server
     *     requires credentials: without credentials, a client must not learn which names there are. Null if the request
     *     is refused without filters
     */
    public Router(
            Map<String, Route> routes,
            @Nullable DefaultRoute otherwise,
            Map<String, Route> builtIn,
            @Nullable FilterChain filtersOfRefusal) {
        this.builtIn = builtIn;
        this.filtersOfRefusal = filtersOfRefusal;
        this.routes = Map.copyOf(routes);
        this.names = this.routes.keySet().toArray(String[]::new);
        this.routesByName = Arrays.stream(names).map(this.routes::get).toArray(Route[]::new);
        this.otherwise = otherwise;
        this.hint = new ActionHint(routes.keySet());
    }

    /**
     * Returns the route of a request if the loop may find it. Returns null if the content is compressed, or is too long
     * for the loop to search it for the action or to bind it. Then another thread calls {@link #findAhead}.
     *
     * @param bytesMax the maximum length of a content that the loop searches or binds
     */
    @Nullable
    Route findOnLoop(Message request, ConnectionInfo connection, int bytesMax) {
        if (request.frame().isPacked() || mustLookThrough(request) && request.contentLength() > bytesMax) {
            return null;
        }
        Route route = find(request, connection);
        return route.question() != null && request.contentLength() > bytesMax ? null : route;
    }

    /** Returns true if the action is not in the header, so that it can only be in the content. */
    private static boolean mustLookThrough(Message request) {
        return request.isJson() && request.header().text(Header.ACTION) == null;
    }

    private Route findIn(FlatObject flat, Message request, ConnectionInfo connection) {
        if (otherwise != null && routes.isEmpty()) {
            Route own = builtInRouteNamedIn(flat);
            return own == null ? otherwise.of(request) : own; // no further name is looked up
        }
        Route named = routeNamedIn(flat);
        return named != null ? named : routeOf(request, validOrNull(flat.text(Header.ACTION)), connection);
    }

    /**
     * Returns the route of a request for which {@link #findOnLoop} returned null. Also scans and binds the content in
     * advance, if a handler on the loop needs it.
     */
    Route findAhead(Message request, ConnectionInfo connection) {
        Route route = find(request, connection);
        if (route.onLoop() && mustLookThrough(request)) {
            request.scanAhead();
        }
        Codec<?> question = route.question();
        if (question != null) {
            request.bindAhead(question);
        }
        return route;
    }

    /** Returns the route of a request, even if it takes long to find. */
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
            return routeOf(request, action, connection).named(action); // a log could not find the name without a scan
        }
        return routeOf(request, action, connection);
    }

    /** Returns the action that a content names, or null if it names none. Creates no objects from the content. */
    public static @Nullable String actionIn(Message request) {
        return validOrNull(request.scan().text(Header.ACTION));
    }

    /** Returns the name, or null if it is not one that an action may have. The protocol treats it as absent then. */
    private static @Nullable String validOrNull(@Nullable String action) {
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
        Route own = action == null ? null : builtIn.get(action);
        if (own != null) {
            return own;
        }
        if (otherwise != null) {
            return otherwise.of(request);
        }
        String why = whyNobody(action, connection);
        return filtersOfRefusal == null
                ? Route.refusing(ErrorResponses.of(ErrorCode.UNKNOWN_ACTION, why))
                : filtersOfRefusal.route(refusal(request, why));
    }

    private static Route refusal(Message asked, String why) {
        return asked.header().hasMore()
                ? Route.ofStream((in, out, exchange) -> {
                    throw new RequestRejectedException(ErrorCode.UNKNOWN_ACTION, why);
                })
                : new Route(
                        (request, exchange) -> {
                            throw new RequestRejectedException(ErrorCode.UNKNOWN_ACTION, why);
                        },
                        false);
    }

    /** Returns the route of the built-in actions that a server without any names of its own answers too. */
    private @Nullable Route builtInRouteNamedIn(FlatObject content) {
        if (content.isText(Header.ACTION, WHO_ARE_YOU)) {
            return ABOUT_US;
        }
        return content.isText(Header.ACTION, Health.ACTION) ? builtIn.get(Health.ACTION) : null;
    }

    private @Nullable Route routeNamedIn(FlatObject content) {
        for (int i = 0; i < names.length && names.length <= FEW; i++) {
            if (content.isText(Header.ACTION, names[i])) {
                return routesByName[i];
            }
        }
        return null;
    }

    /** Returns true for the route of peer discovery. Each client sends this request before any request of its user. */
    @SuppressWarnings("ReferenceEquality") // there is only one such object
    static boolean isAboutUs(Route route) {
        return route == ABOUT_US;
    }

    /** Returns a text that says why a request has no handler. Only a peer on this host learns which names there are. */
    private String whyNobody(@Nullable String action, ConnectionInfo connection) {
        return (action == null ? "the request names no action" : "there is no handler for this action")
                + (connection.isPeerOnThisHost() ? hint.of(action) : "");
    }

    /**
     * Returns the action of a request, for a log. Returns null if the request names none, or if only a scan could find
     * it; then its route has the name.
     */
    static @Nullable String actionOf(Message request) {
        String action = request.header().text(Header.ACTION);
        FlatObject flat = action == null ? request.flatOrNull() : null;
        return validOrNull(flat == null ? action : flat.text(Header.ACTION));
    }
}
