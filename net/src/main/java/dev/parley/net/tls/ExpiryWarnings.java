package dev.parley.net.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
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

    void warn(List<X509Certificate> certificates, Consumer<String> warn) {
        warned.keySet().retainAll(certificates);
        for (X509Certificate each : certificates) {
            Instant end = each.getNotAfter().toInstant();
            Duration left = Duration.between(clock.instant(), end);
            Duration third =
                    Duration.between(each.getNotBefore().toInstant(), end).dividedBy(3);
            for (long days : DAYS) {
                Duration threshold = Duration.ofDays(days);
                if (left.compareTo(threshold) <= 0 && threshold.compareTo(third) <= 0) {
                    if (warned.getOrDefault(each, Long.MAX_VALUE) > days) {
                        warned.put(each, days);
                        warn.accept(text(each, left));
                    }
                    break;
                }
            }
        }
    }

    private static String text(X509Certificate certificate, Duration left) {
        String when = CertificateText.time(certificate.getNotAfter().toInstant());
        String what = "the certificate " + CertificateText.of(certificate);
        if (left.isNegative()) {
            return what + " has expired on " + when + ": renew it; peers refuse it";
        }
        return what + " ends on " + when + ", in "
                + (left.toDays() >= 2 ? left.toDays() + " days" : left.toHours() + " hours") + ": renew it";
    }
}
