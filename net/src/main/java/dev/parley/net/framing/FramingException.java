package dev.parley.net.framing;

import dev.parley.net.CloseReason;
import java.io.IOException;
import java.io.Serial;

/**
 * Thrown if bytes of the peer are not a frame that its {@link Framer} allows. The message says what was seen and what
 * is allowed. Where the next frame begins is unknown then, so the connection must be closed.
 */
public final class FramingException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    private final CloseReason closeReason;

    /**
     * Creates an exception. A {@link Framer} of your own throws it.
     *
     * @param message what was seen, and what is allowed
     * @param closeReason why the connection is closed now: {@link CloseReason#LIMIT} if the frame is too long, or
     *     {@link CloseReason#PROTOCOL}
     */
    public FramingException(String message, CloseReason closeReason) {
        super(message);
        this.closeReason = closeReason;
    }

    /** {@return the reason with which the connection is closed, if the receiver sets no other one} */
    public CloseReason closeReason() {
        return closeReason;
    }

    static FramingException tooLong(String noun, int frameBytesMax) {
        return new FramingException(
                noun + " has at most " + frameBytesMax + " bytes, and more have arrived", CloseReason.LIMIT);
    }

    static FramingException truncated(int unreadBytes) {
        return new FramingException(
                "the stream ended inside a frame, after " + unreadBytes + (unreadBytes == 1 ? " byte" : " bytes"),
                CloseReason.PROTOCOL);
    }
}
