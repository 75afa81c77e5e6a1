package dev.parley.net.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Warns 30, 7 and 1 days before a certificate ends, and after its end: once each. A certificate of a shorter life is
 * renewed later, so only the last third of its life counts.
 */
final class ExpiryWarnings {
    private static final long[] DAYS = {0, 1, 7, 30};

    private final InstantSource clock;

    /** The last threshold, in days, that was warned of for each certificate. */
    private final Map<X509Certificate, Long> warned = new HashMap<>();

    ExpiryWarnings(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Warns if it is time to.
     *
     * @param own the certificates of this side
     * @param issuers their issuers that peers get as well
     * @param authorities the last ones of each set of authorities that is trusted
     */
    void warn(
            List<X509Certificate> own,
            List<X509Certificate> issuers,
            List<X509Certificate> authorities,
            Consumer<String> warn) {
        var watched = new LinkedHashMap<X509Certificate, Kind>();
        own.forEach(each -> watched.put(each, Kind.OWN));
        issuers.forEach(each -> watched.putIfAbsent(each, Kind.ISSUER));
        authorities.forEach(each -> watched.putIfAbsent(each, Kind.AUTHORITY));
        warned.keySet().retainAll(watched.keySet());
        watched.forEach((certificate, kind) -> warn(certificate, kind, warn));
    }

    /** The purpose of a certificate, which decides what its end means. */
    private enum Kind {
        OWN("the certificate ", "renew it", "peers refuse it"),
        ISSUER("the issuer's certificate in our chain, ", "get a new chain", "peers may refuse the chain"),
        AUTHORITY("the authority that this side trusts, ", "replace it", "peers with its certificates are refused");

        final String what;
        final String remedy;
        final String effect;

        Kind(String what, String remedy, String effect) {
            this.what = what;
            this.remedy = remedy;
            this.effect = effect;
        }
    }

    private void warn(X509Certificate certificate, Kind kind, Consumer<String> warn) {
        Instant end = certificate.getNotAfter().toInstant();
        Duration left = Duration.between(clock.instant(), end);
        Duration third =
                Duration.between(certificate.getNotBefore().toInstant(), end).dividedBy(3);
        for (long days : DAYS) {
            Duration threshold = Duration.ofDays(days);
            if (left.compareTo(threshold) <= 0 && threshold.compareTo(third) <= 0) {
                if (warned.getOrDefault(certificate, Long.MAX_VALUE) > days) {
                    warned.put(certificate, days);
                    warn.accept(text(certificate, kind, left));
                }
                break;
            }
        }
    }

    private static String text(X509Certificate certificate, Kind kind, Duration left) {
        String when = CertificateText.end(certificate);
        String what =
                kind.what + (kind == Kind.OWN ? CertificateText.of(certificate) : CertificateText.subject(certificate));
        if (left.isNegative()) {
            return what + (kind == Kind.OWN ? "" : ",") + " has expired on " + when + ": " + kind.remedy + "; "
                    + kind.effect;
        }
        return what + (kind == Kind.OWN ? "" : ",") + " ends on " + when + ", in "
                + (left.toDays() >= 2 ? left.toDays() + " days" : left.toHours() + " hours") + ": " + kind.remedy;
    }
}
