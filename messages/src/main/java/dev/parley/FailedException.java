package dev.parley;

import java.util.regex.Pattern;

/** Thrown by a handler to refuse for a reason of the application's: the peer gets {@code failed}, the code and text. */
public final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final Pattern CODE = Pattern.compile("[a-z0-9-]{1,64}");

    private final String code;

    /**
     * A refusal.
     *
     * @param code your own name for it: 1 to 64 small letters, digits and '-'
     * @param message what the peer reads
     */
    public FailedException(String code, String message) {
        super(message);
        if (!CODE.matcher(code).matches()) {
            throw new IllegalArgumentException(
                    "'" + code + "' is no code; 1 to 64 small letters, digits and '-' are allowed");
        }
        this.code = code;
    }

    /** The application's own name for it. */
    public String code() {
        return code;
    }
}
