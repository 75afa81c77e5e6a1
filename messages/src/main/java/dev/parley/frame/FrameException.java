package dev.parley.frame;

/**
 * Describes a message that breaks the rules of the frame or the header. The text of the exception names the field and
 * the limit, and never contains the peer's bytes. {@link FrameReader} does not throw it, but returns it in a result.
 */
public final class FrameException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final boolean boundaryKnown;

    private FrameException(ErrorCode code, boolean boundaryKnown, String message) {
        super(message);
        this.code = code;
        this.boundaryKnown = boundaryKnown;
    }

    /**
     * Makes a fatal error: the boundary of the next message cannot be trusted, so the connection must end (mark X in
     * docs/protocol.md, section 6).
     */
    static FrameException fatal(ErrorCode code, String message) {
        return new FrameException(code, false, message);
    }

    /**
     * Makes an error that refuses only this message. The next message can still be read (mark E in docs/protocol.md,
     * section 6).
     */
    static FrameException refused(ErrorCode code, String message) {
        return new FrameException(code, true, message);
    }

    /** {@return the error code to respond with} */
    public ErrorCode code() {
        return code;
    }

    /** {@return whether the content can be skipped, so that the connection stays open} */
    public boolean boundaryKnown() {
        return boundaryKnown;
    }
}
