package dev.parley.server;

import dev.parley.Message;

/** Finds the route of a request whose action has no handler of its own. */
@FunctionalInterface
public interface DefaultRoute {
    /** Returns the route. Called on the loop's thread, so it must be quick. */
    Route of(Message request);
}
