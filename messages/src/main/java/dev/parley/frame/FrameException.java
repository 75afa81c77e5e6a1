package dev.parley.frame;

/**
 * A message that breaks the rules of the frame or the header. The message names the field and the limit, never the
 * peer's bytes. Given by {@link FrameReader} as a value; nothing of this package throws it at its callers.
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

    /** {@return what to answer} */
    public ErrorCode code() {
        return code;
    }

    /** {@return whether the content can be skipped and the connection stays} */
    public boolean boundaryKnown() {
        return boundaryKnown;
    }
}
