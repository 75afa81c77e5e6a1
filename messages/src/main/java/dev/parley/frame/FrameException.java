package dev.parley.frame;

/**
 * A message that breaks the rules of the frame or the header. The message names the field and the limit, never the
 * peer's bytes.
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

    /** The boundary of the next message cannot be trusted: the connection must end (mark X). */
    static FrameException fatal(ErrorCode code, String message) {
        return new FrameException(code, false, message);
    }

    /** This message is refused, and the next one can still be read (mark E). */
    static FrameException refused(ErrorCode code, String message) {
        return new FrameException(code, true, message);
    }

    /** What to answer. */
    public ErrorCode code() {
        return code;
    }

    /** Whether the content can be skipped and the connection stays. */
    public boolean boundaryKnown() {
        return boundaryKnown;
    }
}
