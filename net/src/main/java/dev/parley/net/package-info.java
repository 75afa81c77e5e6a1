/**
 * Client-server connections over sockets: who listens, who connects, and how bytes move between them.
 *
 * <p>Two faces over one seam. {@link dev.parley.net.Listener} and {@link dev.parley.net.Connection} block and are for
 * virtual threads; {@link dev.parley.net.EventLoop} and {@link dev.parley.net.LoopConnection} never block and are for
 * the loop. Open {@link dev.parley.net.EventLoop} first: everything else is called from there.
 */
@NullMarked
package dev.parley.net;

import org.jspecify.annotations.NullMarked;
