package dev.parley.cli.cert;

import dev.parley.net.text.IpText;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
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
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Explains a chain of certificates in words. */
public final class ChainReport {
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int IP = 7;
    private static final int RSA_BITS_MIN = 2048;

    private final List<String> lines = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final List<X509Certificate> trusted;
    private final Instant now;

    private ChainReport(List<X509Certificate> trusted, Instant now) {
        this.trusted = trusted;
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
                trusted(authorities, environment), InstantSource.system().instant());
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

    private static List<X509Certificate> trusted(@Nullable Path authorities, Map<String, String> environment)
            throws IOException {
        if (authorities != null) {
            return PemFiles.certificates(authorities);
        }
        var all = new ArrayList<X509Certificate>();
        Path development = DevelopmentCertificates.of(environment).authority();
        if (Files.exists(development)) {
            all.addAll(PemFiles.certificates(development));
        }
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init((KeyStore) null);
            Stream.of(factory.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .flatMap(each -> Stream.of(((X509TrustManager) each).getAcceptedIssuers()))
                    .forEach(all::add);
        } catch (GeneralSecurityException e) {
            throw new IOException("the authorities that Java trusts cannot be read: " + e.getMessage(), e);
        }
        return all;
    }

    private void explain(ShownChain chain) {
        List<X509Certificate> certificates = chain.certificates();
        for (int i = 0; i < certificates.size(); i++) {
            describe(i + 1, certificates.get(i));
            if (i + 1 < certificates.size() && !PemFiles.isSignedBy(certificates.get(i), certificates.get(i + 1))) {
                faults.add("the certificate " + (i + 2) + " has not signed the one before it");
            }
        }
        judgeHost(certificates.getFirst(), chain.host());
        judgeEnd(certificates.getLast());
        lines.add(faults.isEmpty() ? "Nothing is wrong with it." : "What is wrong:");
        faults.forEach(fault -> lines.add("  * " + fault));
    }

    private void describe(int number, X509Certificate certificate) {
        boolean isAuthority = certificate.getBasicConstraints() >= 0;
        lines.add(number + ". " + name(certificate) + (isAuthority ? ", an authority" : ""));
        line("for", isAuthority ? List.of() : names(certificate));
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
        if (now.isAfter(until)) {
            faults.add("the certificate " + number + " has expired on " + DAY.format(until) + ": renew it");
        }
        if (now.isBefore(from)) {
            faults.add("the certificate " + number + " is not valid before " + DAY.format(from)
                    + "; is the clock of this machine right?");
        }
        if (certificate.getPublicKey() instanceof RSAKey rsa && rsa.getModulus().bitLength() < RSA_BITS_MIN) {
            faults.add("the RSA key of the certificate " + number + " has fewer than " + RSA_BITS_MIN + " bits");
        }
        if (certificate.getSigAlgName().toUpperCase(Locale.ROOT).startsWith("SHA1") && !isItsOwn(certificate)) {
            faults.add("the signature of the certificate " + number + " uses SHA-1, which can be forged");
        }
    }

    private void line(String what, List<String> values) {
        if (!values.isEmpty()) {
            lines.add(String.format(Locale.ROOT, "   %-10s %s", what, String.join(", ", values)));
        }
    }

    private void judgeHost(X509Certificate certificate, @Nullable String host) {
        List<String> names = names(certificate);
        if (names.isEmpty() && certificate.getBasicConstraints() < 0 && host != null) {
            faults.add("the first certificate names no host, so no client accepts it for a server");
        } else if (host != null && names.stream().noneMatch(name -> matches(name, host))) {
            faults.add("the first certificate is not for " + host);
        }
    }

    private static boolean matches(String name, String host) {
        if (host.indexOf(':') >= 0 || host.matches("[0-9.]+")) {
            return (name.indexOf(':') >= 0 || name.matches("[0-9.]+"))
                    && InetAddress.ofLiteral(name).equals(InetAddress.ofLiteral(host));
        }
        int dot = host.indexOf('.');
        return name.equalsIgnoreCase(host) || dot > 0 && name.equalsIgnoreCase("*" + host.substring(dot));
    }

    private void judgeEnd(X509Certificate last) {
        boolean isTrusted = trusted.stream()
                .anyMatch(each -> each.equals(last)
                        || each.getSubjectX500Principal().equals(last.getIssuerX500Principal())
                                && PemFiles.isSignedBy(last, each));
        if (isTrusted) {
            return;
        }
        faults.add(
                isItsOwn(last)
                        ? "the last certificate has signed itself, and is not trusted here; --tls-ca names other"
                                + " authorities"
                        : "the last certificate is signed by " + issuer(last) + ", which is not trusted here; it may be"
                                + " an authority to trust (--tls-ca), or one that is missing in the chain");
    }

    private static boolean isItsOwn(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    private static String name(X509Certificate certificate) {
        String name = certificate.getSubjectX500Principal().getName();
        return name.isEmpty() ? "(without a subject)" : name;
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
        String name = alternative.get(1).toString();
        return alternative.get(0).equals(IP) ? IpText.of(InetAddress.ofLiteral(name)) : name;
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
            case "1.3.6.1.5.5.7.3.1" -> "servers";
            case "1.3.6.1.5.5.7.3.2" -> "clients";
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
