/**
 * Client-server connections over sockets: listening, connecting, and moving bytes between the two ends.
 *
 * <p>The API has two kinds. {@link dev.parley.net.Listener} and {@link dev.parley.net.Connection} block and are for
 * virtual threads; {@link dev.parley.net.EventLoop} and {@link dev.parley.net.LoopConnection} never block and are for
 * the loop. Read {@link dev.parley.net.EventLoop} first: it leads to everything else.
 *
 * <p>These rules hold everywhere: no method takes or returns null unless it is marked {@code @Nullable}. A duration or
 * a size that is out of its range causes an {@link IllegalArgumentException} where it is passed, and the message names
 * the range. A method that takes an address as text may throw {@link dev.parley.net.AddressException}. {@code close}
 * may be called twice, and throws no checked exception. Times are monotonic, and come from the loop's {@link
 * dev.parley.net.time.Ticker}.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net;

import org.jspecify.annotations.NullMarked;
