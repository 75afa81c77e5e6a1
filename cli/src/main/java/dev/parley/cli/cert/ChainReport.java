package dev.parley.cli.cert;

import dev.parley.cli.files.FileFailedException;
import dev.parley.net.text.IpText;
import dev.parley.net.text.SafeText;
import dev.parley.net.tls.ChainCheck;
import dev.parley.net.tls.TlsException;
import dev.parley.net.tls.TlsException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Explains a chain of certificates in words. */
public final class ChainReport {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int IP = 7;
    private static final String SERVERS = "servers";
    private static final String CLIENTS = "clients";

    private final List<String> lines = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final List<ChainCheck> checks;
    private final Instant now;

    private ChainReport(List<ChainCheck> checks, Instant now) {
        this.checks = checks;
        this.now = now;
    }

    /**
     * {@return the report of a chain}
     *
     * @param authorities a PEM file of those that are trusted; null for those of Java and of {@code parley cert}
     * @param environment where the development certificates are looked up
     * @throws IOException if the file of the authorities cannot be read
     */
    public static ChainReport of(ShownChain chain, @Nullable Path authorities, Map<String, String> environment)
            throws IOException {
        var report = new ChainReport(
                checks(authorities, environment), InstantSource.system().instant());
        report.explain(chain);
        return report;
    }

    /** {@return the whole report} */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** {@return what is wrong with the chain; empty if nothing is} */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    private static List<ChainCheck> checks(@Nullable Path authorities, Map<String, String> environment)
            throws IOException {
        if (authorities != null) {
            return List.of(trusting(authorities));
        }
        DevelopmentCertificates development = DevelopmentCertificates.ofOrNull(environment);
        return development != null && Files.exists(development.authority())
                ? List.of(trusting(development.authority()), trustingThoseOfJdk())
                : List.of(trustingThoseOfJdk());
    }

    private static ChainCheck trustingThoseOfJdk() throws FileFailedException {
        try {
            return ChainCheck.trustingThoseOfJdk();
        } catch (IOException e) {
            throw new FileFailedException(e);
        }
    }

    private static ChainCheck trusting(Path authorities) throws FileFailedException {
        try {
            return ChainCheck.trusting(authorities);
        } catch (IOException e) {
            throw new FileFailedException(e);
        }
    }

    private void explain(ShownChain chain) {
        List<X509Certificate> certificates = chain.certificates();
        for (int i = 0; i < certificates.size(); i++) {
            describe(i + 1, certificates.get(i));
            if (i + 1 < certificates.size() && !ChainCheck.isSignedBy(certificates.get(i), certificates.get(i + 1))) {
                faults.add("the certificate " + (i + 2) + " has not signed the one before it");
            }
        }
        X509Certificate own = certificates.getFirst();
        TlsException refusal = refusal(certificates, chain.host());
        if (refusal != null) {
            faults.add(refusal.getMessage()
                    + (refusal.reason() == Reason.UNKNOWN_ISSUER ? " (--tls-ca names other authorities)" : ""));
        }
        boolean isForHost = chain.host() == null || ChainCheck.isFor(own, chain.host());
        if (!isForHost && refusal != null && refusal.reason() != Reason.WRONG_NAME) {
            faults.add("the first certificate is not for " + chain.host());
        }
        lines.add(faults.isEmpty() ? "Nothing is wrong with it." : "What is wrong:");
        faults.forEach(fault -> lines.add("  * " + fault));
    }

    /** Returns why the chain is refused by all checks; null if one of them accepts it. */
    private @Nullable TlsException refusal(List<X509Certificate> chain, @Nullable String host) {
        TlsException first = null;
        for (ChainCheck check : checks) {
            try {
                if (isForClientsAlone(chain.getFirst()) && host == null) {
                    check.client(chain);
                } else {
                    check.server(chain, host);
                }
                return null;
            } catch (TlsException e) {
                // That another authority does not know the issuer says nothing about the chain.
                first = first == null || first.reason() == Reason.UNKNOWN_ISSUER ? e : first;
            }
        }
        return first;
    }

    private static boolean isForClientsAlone(X509Certificate certificate) {
        List<String> all = purposes(certificate);
        return all.contains(CLIENTS) && !all.contains(SERVERS);
    }

    private void describe(int number, X509Certificate certificate) {
        boolean isAuthority = certificate.getBasicConstraints() >= 0;
        lines.add(number + ". " + name(certificate) + (isAuthority ? ", an authority" : ""));
        line("for", names(certificate));
        line("signed by", List.of(isItsOwn(certificate) ? "itself" : issuer(certificate)));
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        long days = Duration.between(now, until).toDays();
        line(
                "valid",
                List.of(DAY.format(from) + " to " + DAY.format(until)
                        + (now.isBefore(until) ? " (" + days + " days left)" : "")));
        line("key", List.of(key(certificate.getPublicKey()) + ", signature " + certificate.getSigAlgName()));
        line("purpose", purposes(certificate));
    }

    private void line(String what, List<String> values) {
        if (!values.isEmpty()) {
            lines.add(String.format(Locale.ROOT, "   %-10s %s", what, SafeText.line(String.join(", ", values))));
        }
    }

    private static boolean isItsOwn(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    private static String name(X509Certificate certificate) {
        String name = certificate.getSubjectX500Principal().getName();
        return name.isEmpty() ? "(without a subject)" : SafeText.line(name);
    }

    private static String issuer(X509Certificate certificate) {
        return certificate.getIssuerX500Principal().getName();
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            var all = certificate.getSubjectAlternativeNames();
            return all == null ? List.of() : all.stream().map(ChainReport::name).toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static String name(List<?> alternative) {
        if (!(alternative.get(1) instanceof String name)) {
            return "a name of another kind"; // encoded in a form of its own, such as a user principal name
        }
        return alternative.get(0).equals(IP) ? ip(name) : name;
    }

    private static String ip(String name) {
        try {
            return IpText.of(InetAddress.ofLiteral(name));
        } catch (IllegalArgumentException noAddress) {
            return name; // a certificate may hold an address with its mask, or of any other length
        }
    }

    private static List<String> purposes(X509Certificate certificate) {
        try {
            List<String> all = certificate.getExtendedKeyUsage();
            return all == null
                    ? List.of()
                    : all.stream().map(ChainReport::purpose).toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static String purpose(String oid) {
        return switch (oid) {
            case "1.3.6.1.5.5.7.3.1" -> SERVERS;
            case "1.3.6.1.5.5.7.3.2" -> CLIENTS;
            default -> oid;
        };
    }

    private static String key(PublicKey key) {
        return switch (key) {
            case RSAKey rsa -> "RSA " + rsa.getModulus().bitLength() + " bits";
            case ECKey ec -> "EC " + ec.getParams().getCurve().getField().getFieldSize() + " bits";
            default -> key.getAlgorithm();
        };
    }
}
