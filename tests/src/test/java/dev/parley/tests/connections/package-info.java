/**
 * Tests of addresses, connects, loops and connections, below the messages, and of what only one transport or one system
 * has. Open {@link dev.parley.tests.connections.AddressesTest} first.
 */
@NullMarked
package dev.parley.tests.connections;

import org.jspecify.annotations.NullMarked;
