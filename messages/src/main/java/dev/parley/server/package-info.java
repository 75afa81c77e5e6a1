/**
 * The server's side of a connection: which handler gets a request, how many requests run at once, and how a connection
 * ends.
 *
 * <p>Read {@link dev.parley.server.ServerSession} first. There is one for each connection, and each of its concerns has
 * a file of its own in this package. The package is not exported.
 */
@NullMarked
package dev.parley.server;

import org.jspecify.annotations.NullMarked;
