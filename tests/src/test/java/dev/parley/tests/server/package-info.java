/**
 * Tests of requests as their server sees them: order, handlers, limits, and clients that misbehave. Open {@link
 * dev.parley.tests.server.ExchangeTest} first.
 */
@NullMarked
package dev.parley.tests.server;

import org.jspecify.annotations.NullMarked;
