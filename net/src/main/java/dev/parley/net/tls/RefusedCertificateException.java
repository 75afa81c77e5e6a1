package dev.parley.net.tls;

import dev.parley.net.tls.TlsException.Reason;
import java.security.cert.CertificateException;

/** Thrown inside a handshake if the peer's certificate breaks a rule. The message is a sentence for people. */
final class RefusedCertificateException extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /**
     * Makes the exception.
     *
     * @param cause the JDK's exception: its type decides which alert the peer gets (RFC 8446, section 6.2)
     */
    RefusedCertificateException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
