package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if content is not what was expected: not JSON, not in its character set, or not of the expected type. The
 * message names the field and what is allowed, and never contains the peer's bytes.
 *
 * {@snippet :
 * Handler.Simple<Message, Message> handler = request -> {
 *     int count = request.json().path("count").asInt(1); // if it is not JSON, the client gets bad-content
 *     return Message.json("{\"result\": " + 2 * count + "}");
 * };
 * }
 *
 * <p>If a handler does not catch such an exception about its request, the server responds with the exception's code.
 * The client then assumes that the request was not processed, so a handler should read the content before it does
 * anything.
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

    /**
     * {@return an exception with the code {@code bad-content}, for a {@link Codec} that cannot read a message}
     *
     * @param message what is wrong and what is allowed; it is sent to the peer, so it should not quote the content
     * @param cause the exception that was caught while reading, which stays here; or null
     */
    public static ContentException of(String message, @Nullable Throwable cause) {
        return bad(message, cause);
    }

    static ContentException bad(String message, @Nullable Throwable cause) {
        return new ContentException(ErrorCode.BAD_CONTENT, message, cause);
    }

    /**
     * {@return an exception with the code and words of a message that cannot be uncompressed}
     *
     * @param refused the exception that says why
     */
    public static ContentException of(FrameException refused) {
        return new ContentException(refused.code(), String.valueOf(refused.getMessage()), refused);
    }

    /**
     * {@return an exception with the code {@code bad-content} about an answer that a client received}
     *
     * @param message one sentence that names the server, and says what is wrong with the answer
     */
    public static ContentException ofAnswer(String message) {
        return new ContentException(ErrorCode.BAD_CONTENT, message, null, true);
    }

    /**
     * Returns an exception for the client that received this content as an answer. Its message also names the server,
     * the action, and the type that the answer should have.
     */
    ContentException ofAnswer(String who, String action, String type) {
        return new ContentException(
                code, who + " answered '" + action + "', but not with " + type + ": " + getMessage(), this, true);
    }

    /**
     * {@return whether this exception is about an answer that a client received, and not about a request} If a handler
     * calls another server and does not catch this exception, the handler's own client gets {@code internal}, since
     * that client's request was not at fault.
     */
    public boolean isOfAnswer() {
        return ofAnswer;
    }

    /**
     * {@return {@code bad-content}; {@code unsupported-type} if the content does not even claim to be JSON; {@code
     * content-too-large} if it is too large when it is uncompressed}
     */
    public ErrorCode code() {
        return code;
    }
}
