package dev.parley.net.transport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown if the system refuses a transport although it seemed usable. The message says why, and what to do. */
public final class TransportRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * Creates an exception that says which transport was refused, and why.
     *
     * @param transport the name of the transport, see {@link Transport#name}
     * @param reason the reason, in words that follow "cannot be used: ", and what to do
     * @param cause the system's error; null if there is none
     */
    public TransportRefusedException(String transport, String reason, @Nullable Throwable cause) {
        super(transport + " cannot be used: " + reason, cause);
        this.reason = reason;
    }

    /** {@return why the transport was refused, in words that follow "cannot be used: "} */
    public String reason() {
        return reason;
    }
}
