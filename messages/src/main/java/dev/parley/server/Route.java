package dev.parley.server;

import dev.parley.ExchangeHandler;

/**
 * Where a request goes.
 *
 * @param handler what answers it
 * @param onLoop whether it runs on the connection's loop, and so must not block; otherwise on a virtual thread
 */
public record Route(ExchangeHandler handler, boolean onLoop) {}
