/**
 * Converts messages to frames and back. A frame is the bytes of one message: a 2-byte length, a JSON header, and
 * content. This package knows nothing of sockets or handlers.
 *
 * <p>Read {@link dev.parley.frame.FrameReader} first, which has a drawing of the bytes.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.frame;

import org.jspecify.annotations.NullMarked;
