/**
 * Messages: a header and content, from a client to a server and back.
 *
 * <p>Open {@link dev.parley.Server} and {@link dev.parley.Client} first; {@link dev.parley.Message} is what they
 * exchange, and an {@link dev.parley.Action} names what can be asked. The bytes are in {@link dev.parley.frame}; the
 * protocol is specified in docs/protocol.md.
 *
 * <p>What holds everywhere: no method takes or gives null unless it says {@code @Nullable}. Sizes are in bytes. Numbers
 * and durations of the wrong range are refused with {@link IllegalArgumentException} where they are given, and the
 * message names the range. What a call throws is an {@link java.io.IOException}; a {@link dev.parley.CallException}
 * says whether the request may have been handled.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley;

import org.jspecify.annotations.NullMarked;
