package dev.parley.net.tls;

import dev.parley.net.tls.TlsException.Reason;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Checks what must hold when an engine says that no handshake is under way any more. It says so too if the peer has
 * given up the handshake in order (user_canceled and close_notify, RFC 8446, section 6.1). And if a session is resumed,
 * it does not verify the peer's certificates again, although they may have expired.
 */
final class FinishedHandshake {
    private FinishedHandshake() {}

    /**
     * Returns the certificates of the peer that lead from its own one to an authority; empty if it need not show one.
     *
     * @param engine used by no other thread now
     * @param tls the settings of this side
     * @throws TlsException if the handshake was not finished, or the peer's certificates are not valid any more
     */
    static List<X509Certificate> peer(SSLEngine engine, Tls tls) throws TlsException {
        String peer = engine.getUseClientMode() ? "server" : "client";
        // A server of TLS 1.3 has a session already before the client has shown who it is, so a session proves nothing.
        if (engine.isInboundDone() || engine.isOutboundDone()) {
            throw new TlsException(Reason.OTHER, "the " + peer + " has cancelled the handshake");
        }
        X509Certificate[] shown;
        try {
            Certificate[] all = engine.getSession().getPeerCertificates();
            shown = Arrays.copyOf(all, all.length, X509Certificate[].class);
        } catch (SSLPeerUnverifiedException none) {
            if (engine.getUseClientMode() || engine.getNeedClientAuth()) {
                throw new TlsException(
                        Reason.CERTIFICATE_MISSING, "the " + peer + " has shown no certificate, and must", none);
            }
            return List.of();
        }
        try {
            return tls.context().verified(peer, shown);
        } catch (RefusedCertificateException e) {
            engine.getSession().invalidate(); // so that the next handshake shows new certificates
            if (!engine.getUseClientMode()) {
                tls.context().forgetSessions();
            }
            throw new TlsException(e.reason(), String.valueOf(e.getMessage()), e);
        } catch (CertificateException e) {
            engine.getSession().invalidate();
            throw new TlsException(Reason.BAD_CERTIFICATE, String.valueOf(e.getMessage()), e);
        }
    }
}
