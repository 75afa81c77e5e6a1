package dev.parley;

import dev.parley.frame.ErrorCode;
import java.util.Set;

/** The server answered with an error: the line is fine, the request was not. */
public final class RefusedException extends CallException {
    private static final long serialVersionUID = 1L;

    /** The codes of section 5 whose handler may have run. */
    private static final Set<String> HANDLER_MAY_HAVE_RUN = Set.of(
            ErrorCode.TIMEOUT.wire(), ErrorCode.UNAVAILABLE.wire(), ErrorCode.INTERNAL.wire(), "cancelled", "failed");

    private final String code;

    /** A refusal with the code and text that the server sent. */
    public RefusedException(String code, String message) {
        super(message, HANDLER_MAY_HAVE_RUN.contains(code) ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED, null);
        this.code = code;
    }

    /** The code, as in the response's {@code status}. */
    public String code() {
        return code;
    }
}
