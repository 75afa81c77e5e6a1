/**
 * Messages, each with a header and content, from a client to a server and back.
 *
 * <p>Read {@link dev.parley.Server} and {@link dev.parley.Client} first; they exchange {@link dev.parley.Message}s, and
 * an {@link dev.parley.Action} names an operation that a client can request. The package {@link dev.parley.frame} reads
 * and writes messages as bytes. The protocol is specified in docs/protocol.md.
 *
 * <p>These rules hold everywhere. A method accepts or returns null only if its declaration says {@code @Nullable}.
 * Sizes are in bytes. Numbers and durations that are out of range cause an {@link IllegalArgumentException} where they
 * are passed, and its message names the range. Calls throw {@link java.io.IOException}; a {@link
 * dev.parley.CallException} says whether the request may have been handled.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley;

import org.jspecify.annotations.NullMarked;
