package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.link.ErrorText;
import dev.parley.net.text.SafeText;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Thrown if the server responds with an error: the connection is fine, but the request was not. The codes are those of
 * docs/protocol.md, section 9. The message names the server and quotes its text, made safe for a terminal.
 */
public final class RefusedException extends CallException {
    private static final long serialVersionUID = 1L;

    /**
     * The codes of docs/protocol.md, section 9, that mean that no handler ran; an unknown code counts as {@code
     * failed}.
     */
    private static final Set<String> NO_HANDLER_RAN = Set.of(
            ErrorCode.BAD_FRAME.wire(),
            ErrorCode.HEADER_TOO_LARGE.wire(),
            ErrorCode.BAD_HEADER.wire(),
            ErrorCode.MISSING_FIELD.wire(),
            ErrorCode.BAD_FIELD.wire(),
            ErrorCode.DUPLICATE_ID.wire(),
            ErrorCode.CONTENT_TOO_LARGE.wire(),
            ErrorCode.BAD_CONTENT.wire(),
            ErrorCode.UNSUPPORTED_TYPE.wire(),
            ErrorCode.UNSUPPORTED_ENCODING.wire(),
            ErrorCode.UNKNOWN_ACTION.wire(),
            ErrorCode.BUSY.wire(),
            ErrorCode.GOING_AWAY.wire(),
            ErrorCode.UNAUTHORIZED.wire(),
            ErrorCode.FORBIDDEN.wire(),
            ErrorCode.TOO_MANY_ERRORS.wire());

    private final String code;
    private final transient @Nullable Message response;

    private RefusedException(String code, String message, @Nullable Message response) {
        super(message, NO_HANDLER_RAN.contains(code) ? Outcome.NOT_PROCESSED : Outcome.UNKNOWN, null);
        this.code = code;
        this.response = response;
    }

    /**
     * {@return the exception for a response with a status}
     *
     * @param who the server, for the message
     * @param action the action that was called; null if the request named it in its content, or not at all
     * @param status the code of the response
     * @param response the response, which is kept for {@link #response}
     */
    public static RefusedException of(String who, @Nullable String action, String status, Message response) {
        String asked = action == null ? "" : " to '" + action + "'";
        return new RefusedException(
                status,
                who + " answered " + SafeText.text(status) + asked + ": " + SafeText.text(ErrorText.of(response)),
                response);
    }

    /**
     * {@return the exception for a request that this side refused to send}
     *
     * @param code the code that says why
     * @param message one sentence for people
     */
    public static RefusedException here(ErrorCode code, String message) {
        return new RefusedException(code.wire(), message, null);
    }

    @Override
    public RefusedException copy() {
        return new RefusedException(code, String.valueOf(getMessage()), response);
    }

    /** {@return the code, as in the response's {@code status}; it may be one that this version does not know} */
    public String code() {
        return code;
    }

    /** {@return the application's own code of a {@code failed}; empty if the server sent none} */
    public String applicationCode() {
        Message told = response;
        JsonNode content = told != null && told.isJson() ? told.jsonOrNull() : null;
        JsonNode own = content == null ? null : content.get("code");
        return own != null && own.isString() ? own.stringValue() : "";
    }

    /** {@return the error response; null if the request was not sent, and after serialization} */
    public @Nullable Message response() {
        return response;
    }
}
