/**
 * The frame of a message, on bytes alone: a 2-byte length, a JSON header, content. It knows nothing of sockets or
 * handlers.
 *
 * <p>Open {@link dev.parley.frame.FrameReader} first: it draws the bytes.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.frame;

import org.jspecify.annotations.NullMarked;
