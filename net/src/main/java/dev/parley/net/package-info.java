/**
 * Client-server connections over sockets: listening, connecting, and moving bytes between the two ends.
 *
 * <p>The API has two kinds. {@link dev.parley.net.Listener} and {@link dev.parley.net.Connection} block and are for
 * virtual threads; {@link dev.parley.net.EventLoop} and {@link dev.parley.net.LoopConnection} never block and are for
 * the loop. Open {@link dev.parley.net.EventLoop} first: everything else is called from there.
 *
 * <p>What holds everywhere: no method takes or gives null unless it says {@code @Nullable}. Durations and sizes of the
 * wrong range are refused with {@link IllegalArgumentException} where they are given, and the message names the range.
 * Addresses as text may throw {@link dev.parley.net.AddressException}. {@code close} may be called twice and throws
 * nothing checked. Times are monotonic, by the loop's {@link dev.parley.net.time.Ticker}.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net;

import org.jspecify.annotations.NullMarked;
