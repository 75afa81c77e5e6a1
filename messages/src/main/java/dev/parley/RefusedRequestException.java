package dev.parley;

import dev.parley.frame.ErrorCode;
import java.util.Objects;

/**
 * Thrown by a handler to answer with an error of the protocol. The peer reads its message. For reasons of your
 * application's there is {@link FailedException}.
 *
 * {@snippet :
 * Handler careful = request -> {
 *     if (request.content().length > 1_000) {
 *         throw new RefusedRequestException(ErrorCode.CONTENT_TOO_LARGE, "at most 1000 bytes here");
 *     }
 *     return request;
 * };
 * }
 */
public final class RefusedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /**
     * A refusal with this code.
     *
     * @param code what to answer; by most of them the client knows that it may ask again
     * @param message names what was wrong, without the peer's bytes
     * @throws NullPointerException if there is no code
     */
    public RefusedRequestException(ErrorCode code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code, "a refusal needs a code");
    }

    /** {@return what to answer} */
    public ErrorCode code() {
        return code;
    }
}
