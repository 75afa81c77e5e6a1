package dev.parley.net.tls;

import dev.parley.net.text.SafeText;
import dev.parley.net.tls.TlsException.Reason;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the peer's certificates are accepted, as the JDK does (PKIX, RFC 5280), and says which rule of which
 * certificate was broken. Servers and clients are judged by authorities of their own. Runs on the threads of {@link
 * HandshakeTasks}.
 */
final class PeerTrustManager extends X509ExtendedTrustManager {
    private static final String NOT_FOR_NAMES =
            " breaks a rule: its authority may not sign such a certificate, since it is limited to other names";

    private static final Comparator<X509Certificate> BY_END = Comparator.comparing(X509Certificate::getNotAfter);

    private final @Nullable X509ExtendedTrustManager ofServers;
    private final @Nullable X509ExtendedTrustManager ofClients;
    private final VerifiedPaths paths = new VerifiedPaths();

    /**
     * Makes a trust manager.
     *
     * @param ofServers judges the certificates of servers; null for the authorities of the JDK
     * @param ofClients judges the certificates of clients; null if clients need none
     */
    PeerTrustManager(@Nullable X509ExtendedTrustManager ofServers, @Nullable X509ExtendedTrustManager ofClients) {
        this.ofServers = ofServers;
        this.ofClients = ofClients;
    }

    /** Read at the first use, since a server does not need them, and they are many. */
    private static final class OfJdk {
        static final X509ExtendedTrustManager AUTHORITIES = made();

        private static X509ExtendedTrustManager made() {
            try {
                return TlsContext.trusting(null);
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("the JDK has no authorities", e);
            }
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        X509ExtendedTrustManager judge = judgeOfServers();
        paths.keep(
                chain,
                check(
                        "server",
                        chain,
                        engine.getPeerHost(),
                        judge,
                        () -> judge.checkServerTrusted(chain, type, engine)));
    }

    private X509ExtendedTrustManager judgeOfServers() {
        return ofServers == null ? OfJdk.AUTHORITIES : ofServers;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        X509ExtendedTrustManager judge = ofClients;
        if (judge == null) {
            throw new CertificateException("no certificates of clients are accepted");
        }
        paths.keep(chain, check("client", chain, null, judge, () -> judge.checkClientTrusted(chain, type, engine)));
    }

    /**
     * Returns the certificates that lead from a peer's own one to an authority, if they are valid now. May run on a
     * loop's thread, so what was found before is looked up.
     *
     * @param peer what it is: {@code server} or {@code client}
     * @param chain a chain that was accepted before
     * @throws CertificateException if one of the certificates has expired since then, or no path is valid any more
     */
    List<X509Certificate> verified(String peer, X509Certificate[] chain) throws CertificateException {
        List<X509Certificate> path = chain.length == 1 ? List.of(chain[0]) : paths.known(chain);
        X509ExtendedTrustManager judge = peer.equals("client") ? ofClients : judgeOfServers();
        if (path == null && judge != null) {
            CertificatePath found = CertificatePath.of(chain, judge.getAcceptedIssuers());
            path = found == null ? null : found.certificates();
            if (found != null) {
                paths.keep(chain, found);
            }
        }
        if (path == null || judge == null) {
            throw new CertificateException("the certificates of the " + peer + " lead to no authority any more");
        }
        try {
            for (X509Certificate each : path) {
                each.checkValidity();
            }
        } catch (CertificateException e) {
            throw explained(peer, path.toArray(X509Certificate[]::new), null, judge, e);
        }
        return path;
    }

    /** Returns of each set of authorities that was given the one that ends last: after that, no peer is accepted. */
    List<X509Certificate> lastAuthorities() {
        return Stream.of(ofServers, ofClients)
                .filter(Objects::nonNull)
                .flatMap(judge -> Stream.of(judge.getAcceptedIssuers()).max(BY_END).stream())
                .toList();
    }

    /** The rules that the JDK applies to a chain. */
    interface JdkRules {
        void check() throws CertificateException;
    }

    /**
     * Checks a chain.
     *
     * @param peer what it is for: {@code server} or {@code client}
     * @param host the host that the first certificate must be for; null if that does not matter
     * @return the certificates that decide
     */
    static CertificatePath check(
            String peer, X509Certificate[] chain, @Nullable String host, X509ExtendedTrustManager judge, JdkRules rules)
            throws CertificateException {
        try {
            rules.check();
            CertificatePath path = CertificatePath.of(chain, judge.getAcceptedIssuers());
            if (path == null) {
                throw new CertificateException("no certificates lead from it to an authority");
            }
            checkFurtherRules(path, judge);
            // The JDK accepts the common name too, if there are no other names.
            if (host != null && !CertificateNames.of(chain[0]).match(host)) {
                throw new CertificateException("the certificate is for another name");
            }
            return path;
        } catch (CertificateException e) {
            throw explained(peer, deciding(chain, judge), host, judge, e);
        }
    }

    /** Returns the certificates of a chain that decide; the peer may also send others, which do not matter. */
    private static X509Certificate[] deciding(X509Certificate[] chain, X509ExtendedTrustManager judge) {
        CertificatePath path = CertificatePath.of(chain, judge.getAcceptedIssuers());
        List<X509Certificate> certificates = path == null ? CertificatePath.issuersIn(chain) : path.certificates();
        return certificates.toArray(X509Certificate[]::new);
    }

    private static void checkFurtherRules(CertificatePath path, X509ExtendedTrustManager judge)
            throws CertificateException {
        CertificateRules.checkNameConstraints(path, judge.getAcceptedIssuers());
        for (X509Certificate each : path.certificates()) {
            each.checkValidity(); // the JDK does not look at the dates of a certificate that is an authority itself
            String broken = CertificateRules.broken(each);
            boolean isRoot = each.getSubjectX500Principal().equals(each.getIssuerX500Principal());
            if (broken != null
                    && !(isRoot && path.certificates().size() > 1)) { // an authority's own signature proves nothing
                throw new CertificateException(broken);
            }
        }
    }

    private static RefusedCertificateException explained(
            String peer,
            X509Certificate[] chain,
            @Nullable String host,
            X509ExtendedTrustManager judge,
            CertificateException found) {
        Throwable cause = found.getCause() == null ? found : found.getCause();
        Instant now = InstantSource.system().instant();
        for (int i = 0; i < chain.length; i++) {
            String which = i == 0 ? "the " + peer + "'s certificate " : "a certificate in the " + peer + "'s chain, ";
            X509Certificate each = chain[i];
            Instant from = each.getNotBefore().toInstant();
            Instant until = each.getNotAfter().toInstant();
            if (now.isAfter(until)) {
                String text = which + CertificateText.of(each) + " has expired on " + CertificateText.time(until)
                        + "; renew it, or check the clock of this machine";
                return new RefusedCertificateException(Reason.EXPIRED, text, ofReason(BasicReason.EXPIRED, cause));
            }
            if (now.isBefore(from)) {
                String text = which + CertificateText.of(each) + " is not valid before "
                        + CertificateText.time(from) + "; is the clock of this machine right? It shows "
                        + CertificateText.time(now);
                return new RefusedCertificateException(
                        Reason.NOT_YET_VALID, text, ofReason(BasicReason.NOT_YET_VALID, cause));
            }
        }
        X509Certificate own = chain[0];
        String certificate = "the " + peer + "'s certificate " + CertificateText.of(own);
        String words = String.valueOf(cause.getMessage());
        if (words.toLowerCase(Locale.ROOT).contains("unable to find valid certification path")
                || words.contains("Path does not chain with any of the trust anchors")) {
            return new RefusedCertificateException(
                    Reason.UNKNOWN_ISSUER, certificate + unknownIssuer(peer, chain, judge), cause);
        }
        if (found instanceof CertificateRules.NotForNamesException) {
            return new RefusedCertificateException(Reason.BAD_CERTIFICATE, certificate + NOT_FOR_NAMES, cause);
        }
        CertificateNames names = CertificateNames.of(own);
        if (host != null && !names.match(host)) {
            return new RefusedCertificateException(Reason.WRONG_NAME, certificate + notFor(host, names), cause);
        }
        return new RefusedCertificateException(
                Reason.BAD_CERTIFICATE, certificate + " breaks a rule: " + SafeText.text(words), cause);
    }

    /** Returns a cause by which the engine chooses the alert for the peer. */
    private static Throwable ofReason(BasicReason reason, Throwable cause) {
        return new CertPathValidatorException(cause.getMessage(), cause, null, -1, reason);
    }

    private static String notFor(String host, CertificateNames names) {
        return names.hosts().contains(host) // although it matches no name, so it is an address
                ? " is not for the address " + host + ": it has " + host + " as a DNS name, which must be an IP name;"
                        + " have it made anew"
                : " is not for " + host + "; connect by one of its names, or have one made for " + host;
    }

    private static String unknownIssuer(String peer, X509Certificate[] chain, X509ExtendedTrustManager judge) {
        X509Certificate last = chain[chain.length - 1];
        if (last.getSubjectX500Principal().equals(last.getIssuerX500Principal())) {
            return chain.length == 1
                    ? " has signed itself, and is not among the authorities that this side trusts"
                    : " comes from " + CertificateText.subject(last)
                            + ", which is not among the authorities that this side trusts";
        }
        boolean sameName = Arrays.stream(judge.getAcceptedIssuers())
                .anyMatch(each -> each.getSubjectX500Principal().equals(last.getIssuerX500Principal()));
        if (sameName) {
            return " comes from " + CertificateText.issuer(last)
                    + ", but not from the authority of that name that this side trusts: another key has signed it";
        }
        return " comes from " + CertificateText.issuer(last) + ", which this side does not trust: trust that"
                + " authority, or, if it is one in between, let the " + peer + " send its whole chain";
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        X509ExtendedTrustManager judge = ofClients;
        return judge == null ? new X509Certificate[0] : judge.getAcceptedIssuers();
    }

    // An engine calls none of the methods below.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("only an engine is supported");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("only an engine is supported");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("only an engine is supported");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("only an engine is supported");
    }
}
