/**
 * Calls as their client sees them: connecting, sending again, deadlines, and servers that misbehave. Open
 * {@link dev.parley.tests.client.ClientTest} first.
 */
@NullMarked
package dev.parley.tests.client;

import org.jspecify.annotations.NullMarked;
