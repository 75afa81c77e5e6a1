package dev.parley;

import dev.parley.cluster.OfferedAction;
import dev.parley.names.ActionName;
import dev.parley.server.ActionHint;
import dev.parley.server.Authorization;
import dev.parley.server.DefaultRoute;
import dev.parley.server.FilterChain;
import dev.parley.server.Health;
import dev.parley.server.Route;
import dev.parley.server.Router;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The handlers that a {@link ServerBuilder} has been given, and the filters around them. */
final class HandlerTable {
    private final Map<String, Route> routes = new HashMap<>();
    private final ActionList actions = new ActionList();
    private final List<Filter> filters = new ArrayList<>();
    private final Map<String, Boolean> interruptsOf = new HashMap<>();
    private boolean interrupts = true;
    private @Nullable Route otherwise;

    void add(Action<?, ?> action, String kind, Route route) {
        put(action.name(), route);
        actions.add(action, kind);
    }

    void addRaw(String action, Route route) {
        put(action, route);
        actions.addRaw(action);
    }

    private void put(String action, Route route) {
        if (!ActionName.isValid(action)) {
            throw new IllegalArgumentException("'" + action + "' is not an action name; it must be " + ActionName.RULE);
        }
        if (action.startsWith("parley.")) {
            throw new IllegalArgumentException("'" + action + "' is answered by the server itself");
        }
        if (routes.putIfAbsent(action, route) != null) {
            throw new IllegalArgumentException(
                    "there is already a handler for '" + action + "'; an action has only one");
        }
    }

    void otherwise(Route route) {
        if (otherwise != null) {
            throw new IllegalArgumentException("there is already a default handler; a server has only one");
        }
        otherwise = route;
    }

    void filter(Filter filter) {
        filters.add(filter);
    }

    void interrupts(boolean interrupted) {
        interrupts = interrupted;
    }

    void interrupts(String action, boolean interrupted) {
        interruptsOf.put(action, interrupted);
    }

    /** Throws if a setting is about an action that has no handler, whose name is probably misspelled. */
    void checkInterrupts() {
        for (String action : interruptsOf.keySet()) {
            if (!routes.containsKey(action)) {
                throw new IllegalStateException("interrupts(\"" + action + "\", …): there is no handler for '" + action
                        + "'" + new ActionHint(routes.keySet()).of(action));
            }
        }
    }

    boolean isEmpty() {
        return routes.isEmpty() && otherwise == null;
    }

    /** Returns the named actions as a node offers them to its cluster. */
    List<OfferedAction> offered() {
        return actions.offered();
    }

    /**
     * Returns a router for these handlers, each with the filters around it.
     *
     * @param authorization the outermost filter; null if the server does not require credentials
     * @param forwarder handles what no other handler does, if there is no default handler; null for none
     */
    Router router(@Nullable Authorization authorization, Health health, @Nullable ClusterForwarder forwarder) {
        var all = new ArrayList<>(filters);
        if (authorization != null) {
            all.addFirst(authorization);
        }
        var filtered = new HashMap<String, Route>();
        routes.forEach((name, route) -> filtered.put(
                name,
                new FilterChain(all, name).route(route.interrupting(interruptsOf.getOrDefault(name, interrupts)))));
        var nameless = new FilterChain(all, null);
        Route list =
                new FilterChain(all, ActionList.NAME).route(new Route(actions.handler(authorization != null), true));
        return new Router(
                filtered,
                defaultRoute(nameless, forwarder),
                Map.of(ActionList.NAME, list, Health.ACTION, health.route()),
                authorization == null ? null : nameless);
    }

    private @Nullable DefaultRoute defaultRoute(FilterChain filters, @Nullable ClusterForwarder forwarder) {
        if (otherwise != null) {
            Route only = filters.route(otherwise.interrupting(interrupts));
            return request -> only;
        }
        if (forwarder == null) {
            return null;
        }
        Route call = filters.route(new Route(forwarder::call, false).interrupting(interrupts));
        Route stream = filters.route(Route.ofStream(forwarder::stream).interrupting(interrupts));
        return request -> forwarder.isCall(request) ? call : stream;
    }
}
