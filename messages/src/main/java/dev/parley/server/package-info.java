/**
 * The server's side of a connection: which handler a request goes to, what runs at once, and how it ends.
 *
 * <p>Open {@link dev.parley.server.ServerSession} first: one for each connection, with a file beside it for each of its
 * concerns. Not exported.
 */
@NullMarked
package dev.parley.server;

import org.jspecify.annotations.NullMarked;
