/**
 * Addresses, connects, loops and connections, below the messages, and what only one transport or one system has. Open
 * {@link dev.parley.tests.connections.AddressesTest} first.
 */
@NullMarked
package dev.parley.tests.connections;

import org.jspecify.annotations.NullMarked;
