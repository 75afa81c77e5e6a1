package dev.parley.server;

import dev.parley.Message;

/**
 * The health of a server, as its load balancer asks for it: whether it should get new connections. The built-in action
 * {@code parley.health} answers it, and a page for HTTP if the user wants one. Any thread may use it.
 */
public final class Health {
    /** The built-in action. No credentials are needed for it, since it tells nothing but the state. */
    public static final String ACTION = "parley.health";

    private static final String SERVING = "serving";
    private static final String DRAINING = "draining";
    private static final Message SERVING_RESPONSE = response(SERVING);
    private static final Message DRAINING_RESPONSE = response(DRAINING);

    private volatile boolean draining;

    /** Makes the health of a server that serves. */
    public Health() {}

    private static Message response(String state) {
        return Message.json("{\"status\": \"" + state + "\"}");
    }

    /** Says from now on that the server is about to stop. */
    public void drain() {
        draining = true;
    }

    /** Returns true until the server is about to stop. */
    public boolean isServing() {
        return !draining;
    }

    /** Returns the word for the state. */
    String word() {
        return draining ? DRAINING : SERVING;
    }

    /**
     * Returns the route of the built-in action. It runs on the loop, so that it answers while every handler is busy.
     */
    public Route route() {
        return new Route((request, exchange) -> draining ? DRAINING_RESPONSE : SERVING_RESPONSE, true).named(ACTION);
    }
}
