package dev.parley.net.tls;

import java.security.GeneralSecurityException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that lead from a peer's own one to an authority. A peer may send further certificates, such as an
 * old one for clients that trust another authority; they decide nothing (RFC 8446, section 4.4.2).
 *
 * @param certificates the peer's own certificate first. The last one is the authority if the peer has sent it
 * @param authority the trusted authority that has signed the last certificate, or is the last certificate
 */
record CertificatePath(List<X509Certificate> certificates, X509Certificate authority) {

    /**
     * Returns the shortest valid path from the first certificate of a chain to one of these authorities; null if there
     * is none. The names of issuers lead to the paths that may be; the signatures, and whether each issuer is an
     * authority, are validated (PKIX).
     */
    static @Nullable CertificatePath of(X509Certificate[] chain, X509Certificate[] authorities) {
        List<CertificatePath> paths = List.of();
        List<List<X509Certificate>> begun = List.of(List.of(chain[0]));
        while (paths.isEmpty() && !begun.isEmpty()) {
            paths = begun.stream()
                    .flatMap(path -> ended(path, chain, authorities).stream())
                    .filter(CertificatePath::isValid)
                    .toList();
            begun = begun.stream()
                    .flatMap(path -> longer(path, chain).stream())
                    .limit(chain.length) // a peer that sends many of one name is not worth more work
                    .toList();
        }
        return paths.stream()
                .filter(path -> !CertificateRules.isLimited(path.authority))
                .findFirst()
                .orElse(paths.isEmpty() ? null : paths.getFirst());
    }

    /** Returns the first certificate of a chain, and those to which the names of issuers lead from it. */
    static List<X509Certificate> issuersIn(X509Certificate[] chain) {
        var found = new ArrayList<>(List.of(chain[0]));
        for (int i = 0; i < found.size(); i++) {
            for (X509Certificate each : chain) {
                if (!found.contains(each) && namesIssuer(each, found.get(i))) {
                    found.add(each);
                }
            }
        }
        return found;
    }

    private boolean isValid() {
        var below = new ArrayList<>(certificates);
        below.remove(authority);
        if (below.isEmpty()) {
            return true;
        }
        try {
            CertificateRules.validate(below, new TrustAnchor(authority, null));
            return true;
        } catch (GeneralSecurityException invalid) {
            return false;
        }
    }

    private static List<CertificatePath> ended(
            List<X509Certificate> path, X509Certificate[] chain, X509Certificate[] authorities) {
        var paths = new ArrayList<CertificatePath>();
        for (X509Certificate authority : authorities) {
            if (authority.equals(path.getLast())) {
                paths.add(new CertificatePath(path, authority));
            } else if (namesIssuer(authority, path.getLast())) {
                boolean isSent = List.of(chain).contains(authority);
                paths.add(new CertificatePath(isSent ? with(path, authority) : path, authority));
            }
        }
        return paths;
    }

    private static List<List<X509Certificate>> longer(List<X509Certificate> path, X509Certificate[] chain) {
        var paths = new ArrayList<List<X509Certificate>>();
        for (X509Certificate each : chain) {
            if (!path.contains(each) && namesIssuer(each, path.getLast())) {
                paths.add(with(path, each));
            }
        }
        return paths;
    }

    private static List<X509Certificate> with(List<X509Certificate> path, X509Certificate next) {
        var all = new ArrayList<>(path);
        all.add(next);
        return List.copyOf(all);
    }

    /** Returns whether a certificate says that another one has issued it; its signature may be by another key. */
    private static boolean namesIssuer(X509Certificate issuer, X509Certificate of) {
        return issuer.getSubjectX500Principal().equals(of.getIssuerX500Principal());
    }

    /** Returns whether one certificate was issued by another one. */
    static boolean isIssuer(X509Certificate issuer, X509Certificate of) {
        return namesIssuer(issuer, of) && ChainCheck.isSignedBy(of, issuer);
    }
}
