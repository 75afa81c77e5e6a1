package dev.parley.frame;

/**
 * Describes a message that breaks the rules of the frame or the header. Its own message names the field and the limit,
 * and never contains the peer's bytes. {@link FrameReader} returns it as a value; this package does not throw it at its
 * callers.
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
     * Makes an error that refuses this message alone; the next one can still be read (mark E in docs/protocol.md,
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
