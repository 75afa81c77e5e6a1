package dev.parley;

import dev.parley.frame.ErrorCode;
import java.util.Objects;

/**
 * Thrown by a handler to respond with an error of the protocol. The peer gets the exception's message. Use {@link
 * ApplicationException} for reasons of the application.
 *
 * {@snippet :
 * Handler.Simple<Message, Message> careful = request -> {
 *     if (request.content().length > 1_000) {
 *         throw new RequestRejectedException(ErrorCode.CONTENT_TOO_LARGE, "at most 1000 bytes here");
 *     }
 *     return request;
 * };
 * }
 */
public final class RequestRejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /**
     * Makes a refusal with this code.
     *
     * @param code the code to respond with; most codes tell the client that it may try again
     * @param message a sentence that says what was wrong, and does not quote the peer's bytes
     * @throws NullPointerException if the code is null
     */
    public RequestRejectedException(ErrorCode code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code, "a refusal needs a code");
    }

    /** {@return the code to respond with} */
    public ErrorCode code() {
        return code;
    }
}
