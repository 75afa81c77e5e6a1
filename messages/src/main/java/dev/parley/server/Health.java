package dev.parley.server;

import dev.parley.Cluster;
import dev.parley.Message;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The health of a server, as its load balancer asks for it: whether it should get new connections. The built-in action
 * {@code parley.health} answers it, and a page for HTTP if the user wants one. Any thread may use it.
 */
public final class Health {
    /** The built-in action. No credentials are needed for it, since it tells nothing but the state. */
    public static final String ACTION = "parley.health";

    private static final String SERVING = "serving";
    private static final String DRAINING = "draining";
    private static final String ISOLATED = "isolated";
    private static final Map<String, Message> RESPONSES =
            Map.of(SERVING, response(SERVING), DRAINING, response(DRAINING), ISOLATED, response(ISOLATED));

    private final @Nullable Cluster needed;
    private volatile boolean draining;

    /**
     * Makes the health of a server that serves.
     *
     * @param needed the cluster without which it does not serve; null if it serves without one too
     */
    public Health(@Nullable Cluster needed) {
        this.needed = needed;
    }

    private static Message response(String state) {
        return Message.json("{\"status\": \"" + state + "\"}");
    }

    /** Says from now on that the server is about to stop. */
    public void drain() {
        draining = true;
    }

    /** Returns true until the server is about to stop, while the cluster that it needs is connected. */
    public boolean isServing() {
        return word().equals(SERVING);
    }

    /** Returns the word for the state. */
    String word() {
        if (draining) {
            return DRAINING;
        }
        return needed == null || needed.isConnected() ? SERVING : ISOLATED;
    }

    /**
     * Returns the route of the built-in action. It runs on the loop, so that it answers while every handler is busy.
     */
    public Route route() {
        return new Route((request, exchange) -> Objects.requireNonNull(RESPONSES.get(word())), true).named(ACTION);
    }
}
