package dev.parley;

import dev.parley.frame.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if content is not what was expected: not JSON, not in its character set, or not of the expected type. The
 * message names the field and what is allowed, and never contains the peer's bytes.
 *
 * {@snippet :
 * Handler handler = request -> {
 *     int count = request.json().path("count").asInt(1); // no JSON: bad-content is answered, in its own words
 *     return Message.json("{\"result\": " + 2 * count + "}");
 * };
 * }
 *
 * <p>If a handler lets one about its request pass, the response is this error. The client takes that for a request that
 * was not processed, so a handler should read the content before it does anything.
 */
public final class ContentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final boolean ofAnswer;

    ContentException(ErrorCode code, String message, @Nullable Throwable cause) {
        this(code, message, cause, false);
    }

    private ContentException(ErrorCode code, String message, @Nullable Throwable cause, boolean ofAnswer) {
        super(message, cause);
        this.code = code;
        this.ofAnswer = ofAnswer;
    }

    static ContentException bad(String message, @Nullable Throwable cause) {
        return new ContentException(ErrorCode.BAD_CONTENT, message, cause);
    }

    /** Makes an exception for a client that got an invalid answer. */
    static ContentException badAnswer(String message) {
        return new ContentException(ErrorCode.BAD_CONTENT, message, null, true);
    }

    /**
     * Returns the exception of a client for an answer: it adds the server, and the type that the answer should have.
     */
    ContentException ofAnswer(String who, Action<?, ?> action) {
        return new ContentException(
                code,
                who + " answered '" + action.name() + "', but not with "
                        + action.answer().getSimpleName() + ": " + getMessage(),
                this,
                true);
    }

    /**
     * {@return whether it is about an answer that a client got, and not about a request} If a handler calls another
     * server and lets this pass, its own client gets {@code internal}, since that has done nothing wrong.
     */
    public boolean isOfAnswer() {
        return ofAnswer;
    }

    /** {@return {@code bad-content}, or {@code unsupported-type} if the content does not even claim to be JSON} */
    public ErrorCode code() {
        return code;
    }
}
