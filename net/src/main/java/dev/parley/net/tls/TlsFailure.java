package dev.parley.net.tls;

import dev.parley.net.text.SafeText;
import dev.parley.net.tls.TlsException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Explains what an engine reports: which side did not accept what, and what to do. The engine says it in its own words,
 * or passes on the alert of the peer (RFC 8446, section 6.2).
 */
final class TlsFailure {
    private static final Pattern ALERT = Pattern.compile("(\\(\\w+\\) )?Received fatal alert: (\\w+)");

    /** The engine's message on a server if Java does not accept a name, with the name as it was sent. */
    private static final Pattern ILLEGAL_NAME = Pattern.compile(
            "(\\(\\w+\\) )?Illegal server name, type=host_name\\(0\\), name=(.*), value=.*", Pattern.DOTALL);

    /** The phrases of the engine for something that both sides must have in common, and have not. */
    private static final Pattern NOTHING_IN_COMMON = Pattern.compile(
            "no negotiable|cipher suites in common|no common|no available authentication scheme"
                    + "|no supported signature algorithm|key agreement parameters negotiated",
            Pattern.CASE_INSENSITIVE);

    private static final int SEEN_BYTES_MAX = 16;

    private TlsFailure() {}

    /**
     * Returns the failure in words for people.
     *
     * @param cause what the engine of this side has thrown
     * @param isServer true if this side is the server
     * @param tls the settings of this side
     * @param seen the bytes that were not understood, if there are any
     */
    static TlsException explain(SSLException cause, boolean isServer, Tls tls, ByteBuffer seen) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof RefusedCertificateException refused) {
                return new TlsException(refused.reason(), String.valueOf(refused.getMessage()), cause);
            }
        }
        String words = String.valueOf(cause.getMessage());
        Matcher alert = ALERT.matcher(words);
        if (alert.matches()) {
            return ofAlert(alert.group(2), isServer, tls, cause);
        }
        Matcher name = ILLEGAL_NAME.matcher(words);
        return name.matches() ? ofName(name.group(2), cause) : ofEngine(SafeText.text(words), isServer, seen, cause);
    }

    private static TlsException ofAlert(String alert, boolean isServer, Tls tls, SSLException cause) {
        String peer = isServer ? "client" : "server";
        String said = " (alert " + alert + ")";
        return switch (alert) {
            case "certificate_required" -> missing(said, cause);
            case "bad_certificate",
                    "certificate_unknown",
                    "unknown_ca",
                    "certificate_expired",
                    "certificate_revoked",
                    "unsupported_certificate",
                    "access_denied" ->
                isServer || tls.hasCertificate() ? refused(alert, peer, isServer, said, cause) : missing(said, cause);
            case "protocol_version" -> new TlsException(Reason.NO_COMMON_VERSION, noVersion(peer) + said, cause);
            case "handshake_failure", "insufficient_security" ->
                new TlsException(
                        Reason.NO_COMMON_CIPHER,
                        "the " + peer + " has found no cipher suite, group or signature that both sides know, or it"
                                + " asks for a certificate" + said,
                        cause);
            case "no_application_protocol" -> new TlsException(Reason.NO_COMMON_PROTOCOL, noProtocol() + said, cause);
            default -> new TlsException(Reason.OTHER, "the " + peer + " has ended the connection" + said, cause);
        };
    }

    private static TlsException missing(String said, SSLException cause) {
        return new TlsException(
                Reason.CERTIFICATE_MISSING,
                "the server asks its clients for a certificate, and this client has shown none" + said
                        + "; give it one with its key",
                cause);
    }

    private static TlsException refused(String alert, String peer, boolean isServer, String said, SSLException cause) {
        String what =
                switch (alert) {
                    case "certificate_expired" -> ", because it has expired, or the clock of the " + peer + " is wrong";
                    case "unknown_ca" -> ", because it does not trust the authority that has signed it";
                    case "certificate_revoked" -> ", because its authority has revoked it";
                    case "unsupported_certificate" -> ", because of its type, its key or its purpose";
                    default -> "";
                };
        String hint =
                switch (alert) {
                    case "certificate_expired" -> "; renew it, or check that clock";
                    case "unknown_ca" ->
                        "; let it trust that authority, or, if it is one in between, show the whole chain";
                    case "certificate_revoked" -> "; have a new one made";
                    case "unsupported_certificate" ->
                        "; is it for " + (isServer ? "servers" : "clients") + ", and is its signature a usual one?";
                    case "access_denied" -> "; do the rules of the " + peer + " let this side in?";
                    case "bad_certificate" ->
                        isServer
                                ? "; does the client trust its authority, connect by one of its names, and have the"
                                        + " right time?"
                                : "; does the server trust its authority, and have the right time?";
                    default ->
                        isServer
                                ? "; does the client trust its authority, and connect by one of its names?"
                                : "; does the server trust its authority, and is it for clients?";
                };
        return new TlsException(
                Reason.CERTIFICATE_REFUSED,
                "the " + peer + " does not accept the certificate of this side" + what + said + hint,
                cause);
    }

    private static TlsException ofName(String name, SSLException cause) {
        String why = name.indexOf('_') < 0
                ? "which Java does not accept as the name of a host"
                : "and Java accepts no name with an underscore";
        String text = "the client asks for the name '" + SafeText.text(name) + "', " + why
                + "; let it connect by another name";
        return new TlsException(Reason.OTHER, text, cause);
    }

    /**
     * Explains what the engine says.
     *
     * @param words safe for one line: some of them are the peer's
     */
    private static TlsException ofEngine(String words, boolean isServer, ByteBuffer seen, SSLException cause) {
        String peer = isServer ? "client" : "server";
        if (words.contains("Unsupported or unrecognized SSL message") || words.contains("plaintext connection")) {
            return new TlsException(Reason.NOT_TLS, notTls(peer, isServer, seen), cause);
        }
        if (words.contains("Empty client certificate chain")) {
            String text = "the client has shown no certificate, and this server asks for one";
            return new TlsException(Reason.CERTIFICATE_MISSING, text, cause);
        }
        if (words.contains("protocol version") || words.contains("requested protocol")) {
            return new TlsException(Reason.NO_COMMON_VERSION, noVersion(peer) + " (" + words + ")", cause);
        }
        if (words.contains("application layer protocol")) {
            return new TlsException(Reason.NO_COMMON_PROTOCOL, noProtocol(), cause);
        }
        if (!isServer && words.contains("Unexpected handshake message: client_hello")) {
            String text = "the server sends back what it gets, so it does not speak TLS; connect to it at tcp://";
            return new TlsException(Reason.NOT_TLS, text, cause);
        }
        if (NOTHING_IN_COMMON.matcher(words).find()) {
            String text =
                    "the " + peer + " and this side have no cipher suite, group or signature in common (" + words + ")";
            return new TlsException(Reason.NO_COMMON_CIPHER, text, cause);
        }
        return new TlsException(Reason.OTHER, "the " + peer + " breaks a rule of TLS: " + words, cause);
    }

    private static String noVersion(String peer) {
        return "the " + peer + " and this side have no version of TLS in common; this library speaks TLS 1.3, and TLS"
                + " 1.2 only if that is allowed";
    }

    private static String noProtocol() {
        return "the two sides speak different application protocols (ALPN)";
    }

    private static String notTls(String peer, boolean isServer, ByteBuffer seen) {
        var bytes = new byte[Math.min(SEEN_BYTES_MAX, seen.remaining())];
        seen.get(bytes);
        String begin = bytes.length == 0
                ? ""
                : ": its first bytes were \"" + SafeText.text(new String(bytes, StandardCharsets.ISO_8859_1)) + "\"";
        String hint = isServer ? "; let it connect with TLS" : "; connect to it at tcp://, or let it listen at tls://";
        return "the " + peer + " does not speak TLS" + begin + hint;
    }
}
