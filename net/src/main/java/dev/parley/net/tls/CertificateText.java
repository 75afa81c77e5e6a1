package dev.parley.net.tls;

import dev.parley.net.text.SafeText;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Describes certificates in messages. The parts that a peer has chosen are escaped. */
final class CertificateText {
    private static final int TEXT_MAX = 120;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private CertificateText() {}

    /** Returns the subject and the names, such as {@code CN=server (for localhost, 127.0.0.1)}. */
    static String of(X509Certificate certificate) {
        return subject(certificate) + " (for " + names(certificate) + ")";
    }

    static String subject(X509Certificate certificate) {
        String name = certificate.getSubjectX500Principal().getName();
        return name.isEmpty() ? "without a subject" : cut(name);
    }

    static String issuer(X509Certificate certificate) {
        return cut(certificate.getIssuerX500Principal().getName());
    }

    static String names(X509Certificate certificate) {
        return cut(CertificateNames.of(certificate).toString());
    }

    /** Returns until when the certificate is valid. */
    static String end(X509Certificate certificate) {
        return time(certificate.getNotAfter().toInstant());
    }

    static String time(Instant time) {
        return TIME.format(time);
    }

    private static String cut(String text) {
        return SafeText.text(text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX) + "…");
    }
}
