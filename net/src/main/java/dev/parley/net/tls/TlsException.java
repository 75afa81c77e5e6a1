package dev.parley.net.tls;

import java.io.IOException;

/**
 * Thrown if TLS cannot be agreed on with a peer, or the peer breaks its rules. The message is a sentence for people: it
 * names the certificate, the rule that it breaks, and what to do. If a connect fails for such a reason, the exception
 * is the cause of the {@link dev.parley.net.ConnectFailedException}.
 */
public final class TlsException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The reasons of a failure. */
    public enum Reason {
        /** The peer's certificate is not for the name of the server that the client wants. */
        WRONG_NAME,
        /** This side does not trust the issuer of the peer's certificate, or an issuer's certificate was not sent. */
        UNKNOWN_ISSUER,
        /** A certificate of the peer has expired, or the clock of this machine is wrong. */
        EXPIRED,
        /** A certificate of the peer is not valid yet, or the clock of this machine is wrong. */
        NOT_YET_VALID,
        /** The peer's certificate breaks another rule: its purpose, its key, or what its issuer may sign. */
        BAD_CERTIFICATE,
        /** The peer has not accepted the certificate of this side. */
        CERTIFICATE_REFUSED,
        /** The server asks its clients for a certificate, and the client has shown none. */
        CERTIFICATE_MISSING,
        /** The two sides have no version of TLS in common. */
        NO_COMMON_VERSION,
        /** The two sides have no cipher suite, group or signature in common. */
        NO_COMMON_CIPHER,
        /** The two sides have no application protocol in common (ALPN, RFC 7301). */
        NO_COMMON_PROTOCOL,
        /** The peer does not speak TLS. */
        NOT_TLS,
        /** The peer did not end the handshake in time, or was the oldest of too many that did not. */
        HANDSHAKE_TIMEOUT,
        /** The connection ended without the end of TLS, so bytes may be missing (RFC 8446, section 6.1). */
        TRUNCATED,
        /** The peer broke another rule of TLS. */
        OTHER
    }

    private final Reason reason;

    TlsException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    TlsException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** {@return the reason of the failure} */
    public Reason reason() {
        return reason;
    }
}
