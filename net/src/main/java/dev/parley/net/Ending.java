package dev.parley.net;

import org.jspecify.annotations.Nullable;

/**
 * The way in which a connection ends.
 *
 * @param reason why it closes
 * @param cause the exception that closes it; null if there is none
 */
record Ending(CloseReason reason, @Nullable Throwable cause) {
    static final Ending LOCAL = new Ending(CloseReason.LOCAL, null);
}
