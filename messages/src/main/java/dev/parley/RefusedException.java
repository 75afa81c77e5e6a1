package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.net.Escaped;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The server answered with an error: the line is fine, the request was not. */
public final class RefusedException extends CallException {
    private static final long serialVersionUID = 1L;

    /** The codes of section 5 whose handler may have run; one that we do not know counts as {@code failed}. */
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
            "going-away",
            "unauthorized",
            "forbidden",
            "too-many-errors");

    private final String code;
    private final transient @Nullable Message response;

    private RefusedException(String code, String message, @Nullable Message response) {
        super(message, NO_HANDLER_RAN.contains(code) ? Outcome.NOT_PROCESSED : Outcome.UNKNOWN, null);
        this.code = code;
        this.response = response;
    }

    /** What a response with a status says. */
    public static RefusedException of(String who, String status, Message response) {
        return new RefusedException(
                status, who + " answered " + Escaped.text(status) + ": " + Escaped.text(text(response)), response);
    }

    /** A request that this side did not even send. */
    public static RefusedException here(ErrorCode code, String message) {
        return new RefusedException(code.wire(), message, null);
    }

    private static String text(Message response) {
        JsonNode content = response.isJson() ? response.jsonOrNull() : null;
        JsonNode result = content == null ? null : content.get("result");
        return result != null && result.isString() ? result.stringValue() : "(no reason given)";
    }

    /** The code, as in the response's {@code status}. */
    public String code() {
        return code;
    }

    /** The application's own code of a {@code failed}; empty where the server sent none. */
    public String applicationCode() {
        Message told = response;
        JsonNode content = told != null && told.isJson() ? told.jsonOrNull() : null;
        JsonNode own = content == null ? null : content.get("code");
        return own != null && own.isString() ? own.stringValue() : "";
    }

    /** The error response; null where the request was not sent. */
    public @Nullable Message response() {
        return response;
    }
}
