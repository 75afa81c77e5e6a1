/**
 * The server's side of a connection: which handler a request goes to, what runs at once, and how it ends.
 *
 * <p>Read {@link dev.parley.server.ServerSession} first. There is one for each connection, and each of its concerns has
 * a file beside it. Not exported.
 */
@NullMarked
package dev.parley.server;

import org.jspecify.annotations.NullMarked;
