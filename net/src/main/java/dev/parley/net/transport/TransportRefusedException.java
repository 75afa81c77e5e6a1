package dev.parley.net.transport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if the system refuses a transport that can be used here in principle; the message says why, and what to do.
 */
public final class TransportRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * Says which transport was refused, and why.
     *
     * @param transport as {@link Transport#name} gives it
     * @param reason in words that follow "cannot be used: ", with what to do
     * @param cause what the system said; null where it said nothing
     */
    public TransportRefusedException(String transport, String reason, @Nullable Throwable cause) {
        super(transport + " cannot be used: " + reason, cause);
        this.reason = reason;
    }

    /** {@return why, in words that follow "cannot be used: "} */
    public String reason() {
        return reason;
    }
}
