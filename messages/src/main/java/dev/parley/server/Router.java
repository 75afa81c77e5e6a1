package dev.parley.server;

import dev.parley.Exchange;
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
import tools.jackson.databind.JsonNode;

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
    private final @Nullable Filtered filtersOfRefusal;

    /**
     * A router of these handlers; without a default one, an action that nobody handles is refused.
     *
     * @param filtersOfRefusal what a request goes through before that, on a server that asks for credentials: whoever
     *     shows none must not learn which names there are. Null for nothing
     */
    public Router(Map<String, Route> routes, @Nullable Route otherwise, @Nullable Filtered filtersOfRefusal) {
        this.filtersOfRefusal = filtersOfRefusal;
        this.routes = Map.copyOf(routes);
        this.names = this.routes.keySet().toArray(String[]::new);
        this.routesByName = Arrays.stream(names).map(this.routes::get).toArray(Route[]::new);
        this.otherwise = otherwise;
        this.hint = new ActionHint(routes.keySet());
    }

    /**
     * The handler of a request; null where nobody handles it.
     *
     * @throws dev.parley.ContentException where its action is in its content, and that is not what it says
     */
    @Nullable
    Route find(Message request) {
        String action = request.header().text(Header.ACTION);
        if (action == null && request.isJson()) {
            FlatObject flat = request.flatOrNull();
            if (otherwise != null && routes.isEmpty() && flat != null) {
                return flat.isText(Header.ACTION, WHO_ARE_YOU) ? ABOUT_US : otherwise; // no name is looked up
            }
            Route named = flat == null ? null : routeNamedIn(flat);
            if (named != null) {
                return named;
            }
            action = flat == null ? actionInContent(request) : flat.text(Header.ACTION);
        }
        Route route = action == null ? null : routes.get(action);
        if (route == null && WHO_ARE_YOU.equals(action)) {
            return ABOUT_US;
        }
        Route last = route == null ? otherwise : route;
        return last == null && filtersOfRefusal != null ? filtersOfRefusal.route(refusal(request)) : last;
    }

    private Route refusal(Message asked) {
        return asked.header().hasMore()
                ? Route.ofStream((in, out, exchange) -> {
                    throw new RefusedRequestException(ErrorCode.UNKNOWN_ACTION, whyNobody(asked, exchange));
                })
                : new Route(
                        (request, exchange) -> {
                            throw new RefusedRequestException(ErrorCode.UNKNOWN_ACTION, whyNobody(request, exchange));
                        },
                        false);
    }

    private String whyNobody(Message request, Exchange exchange) {
        return whyNobody(request, exchange.connection());
    }

    private @Nullable Route routeNamedIn(FlatObject content) {
        for (int i = 0; i < names.length && names.length <= FEW; i++) {
            if (content.isText(Header.ACTION, names[i])) {
                return routesByName[i];
            }
        }
        return null;
    }

    /** Why a request has no handler. A peer on this host is told which names there are, no other one. */
    String whyNobody(Message request, ConnectionInfo connection) {
        String action = request.header().text(Header.ACTION);
        if (action == null && request.isJson()) {
            action = actionInContent(request);
        }
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

    private @Nullable String actionInContent(Message request) {
        if (routes.isEmpty()) {
            return null; // the default handler reads it, or not
        }
        JsonNode member = request.json().get(Header.ACTION);
        boolean isName = member != null && member.isString() && ActionName.isValid(member.stringValue());
        return isName ? member.stringValue() : null;
    }
}
