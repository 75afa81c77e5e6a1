package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.link.ErrorText;
import dev.parley.net.text.SafeText;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if the server responds with an error to a request. The connection is not affected. The codes are listed in
 * docs/protocol.md, section 9. If a stream has more messages than its first one when the error comes, the outcome is
 * unknown whatever the code, since the error may be about a later message. The exception's message names the server,
 * and quotes the text of the response, made safe for a terminal.
 */
public final class RefusedException extends CallException {
    private static final long serialVersionUID = 1L;

    /**
     * The codes of docs/protocol.md, section 9, that mean that no handler ran. A code that is unknown to this version
     * counts as {@code failed}, so it is not in this set.
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
        this(code, message, response, NO_HANDLER_RAN.contains(code) ? Outcome.NOT_PROCESSED : Outcome.UNKNOWN);
    }

    private RefusedException(String code, String message, @Nullable Message response, Outcome outcome) {
        super(message, outcome, null);
        this.code = code;
        this.response = response;
    }

    /**
     * {@return the exception for an error response}
     *
     * @param who the server, as the exception's message names it
     * @param action the action that was called; null if the request named its action only in its content, or had no
     *     action
     * @param status the code of the response
     * @param response the response, which {@link #response} returns
     */
    public static RefusedException of(String who, @Nullable String action, String status, Message response) {
        String asked = action == null ? "" : " to '" + action + "'";
        String own = applicationCode(status, response);
        String code = own.isEmpty() ? status : status + " (" + own + ")";
        return new RefusedException(
                status,
                who + " answered " + SafeText.text(code) + asked + ": " + SafeText.text(ErrorText.of(response)),
                response);
    }

    /**
     * {@return the exception for a request that this side refused to send}
     *
     * @param code the reason as a code
     * @param message one sentence for people
     */
    public static RefusedException here(ErrorCode code, String message) {
        return new RefusedException(code.wire(), message, null);
    }

    @Override
    public RefusedException copy() {
        return new RefusedException(code, String.valueOf(getMessage()), response, outcome());
    }

    /**
     * {@return this error as one that ends a stream whose handler may have begun, so that its outcome is unknown} The
     * code alone says whether a handler ran for the first message, and the error may be about a later one.
     */
    public RefusedException ofLaterMessage() {
        return new RefusedException(code, String.valueOf(getMessage()), response, Outcome.UNKNOWN);
    }

    /** {@return the code, which is the {@code status} of the response; this version may not know the code} */
    public String code() {
        return code;
    }

    /**
     * {@return the application's own code in a response with the code {@code failed}; empty if the response has none}
     */
    public String applicationCode() {
        return applicationCode(code, response);
    }

    private static String applicationCode(String status, @Nullable Message response) {
        if (response == null || !status.equals(ErrorCode.FAILED.wire())) {
            return "";
        }
        return ErrorText.applicationCode(response);
    }

    /**
     * {@return the server's own words in the response, as they came; the message of this exception if there is no
     * response}
     */
    public String reason() {
        Message told = response;
        return told == null ? String.valueOf(getMessage()) : ErrorText.of(told);
    }

    /** {@return the error response; null if the request was not sent, or if this exception was serialized} */
    public @Nullable Message response() {
        return response;
    }
}
