/**
 * Messages: a header and content, from a client to a server and back.
 *
 * <p>Open {@link dev.parley.Server} and {@link dev.parley.Client} first; {@link dev.parley.Message} is what they
 * exchange. The bytes are in {@link dev.parley.frame}.
 */
@NullMarked
package dev.parley;

import org.jspecify.annotations.NullMarked;
