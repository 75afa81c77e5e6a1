/**
 * Frames for protocols of your own: a {@link dev.parley.net.framing.Framer} cuts a stream of bytes into lines, into
 * parts that a delimiter ends, or into parts whose length goes before them. Each has a limit.
 */
@NullMarked
package dev.parley.net.framing;

import org.jspecify.annotations.NullMarked;
