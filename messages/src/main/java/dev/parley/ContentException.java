package dev.parley;

import dev.parley.frame.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Content that is not what was asked of it: no JSON, not in its character set, or without the fields of a record. The
 * message names the field and what is allowed, never the peer's bytes. A handler that lets it pass answers with it.
 */
public final class ContentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    ContentException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    static ContentException bad(String message, @Nullable Throwable cause) {
        return new ContentException(ErrorCode.BAD_CONTENT, message, cause);
    }

    /** {@code bad-content}, or {@code unsupported-type} where the content does not even say that it is JSON. */
    public ErrorCode code() {
        return code;
    }
}
