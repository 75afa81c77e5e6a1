/** The server's side of one connection. Open {@link dev.parley.server.ServerSession} first. */
@NullMarked
package dev.parley.server;

import org.jspecify.annotations.NullMarked;
