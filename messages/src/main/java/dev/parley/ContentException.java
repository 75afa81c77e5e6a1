package dev.parley;

import dev.parley.frame.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Content that is not what was asked of it: no JSON, not in its character set, or of another type than a record's. The
 * message names the field and what is allowed, never the peer's bytes.
 *
 * {@snippet :
 * Handler handler = request -> {
 *     int count = request.json().path("count").asInt(1); // no JSON: bad-content is answered, in its own words
 *     return Message.json("{\"result\": " + 2 * count + "}");
 * };
 * }
 *
 * <p>A handler that lets one about its request pass answers with it. The client takes that for a request that was not
 * processed, so a handler reads the content before it does anything.
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

    /** A client got an answer that is none. */
    static ContentException badAnswer(String message) {
        return new ContentException(ErrorCode.BAD_CONTENT, message, null, true);
    }

    /** What a client says of an answer: whose it was, and of what type it should have been. */
    ContentException ofAnswer(String who, Action<?, ?> action) {
        return new ContentException(
                code,
                who + " answered '" + action.name() + "', but not with "
                        + action.answer().getSimpleName() + ": " + getMessage(),
                this,
                true);
    }

    /**
     * {@return whether it is about what a server answered to a client, and not about a request} A handler that asks
     * another server and lets this pass answers {@code internal}: its own client has done nothing wrong.
     */
    public boolean isOfAnswer() {
        return ofAnswer;
    }

    /**
     * {@return {@code bad-content}, or {@code unsupported-type} where the content does not even say that it is JSON}
     */
    public ErrorCode code() {
        return code;
    }
}
