package dev.parley;

import dev.parley.frame.ErrorCode;

/** Thrown by a handler to answer with an error of the protocol. The peer reads its message. */
public final class RefusedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** A refusal with this code; the message names what was wrong, without the peer's bytes. */
    public RefusedRequestException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    /** What to answer. */
    public ErrorCode code() {
        return code;
    }
}
