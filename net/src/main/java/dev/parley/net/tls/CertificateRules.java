package dev.parley.net.tls;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for certificates that the JDK does not apply by itself. */
final class CertificateRules {
    private static final int RSA_BITS_MIN = 2048;
    private static final String PSS = "RSASSA-PSS";
    private static final String SHA_1 = "SHA-1";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private CertificateRules() {}

    /** Returns which rule the certificate breaks, in words; null if it breaks none. */
    static @Nullable String broken(X509Certificate certificate) {
        if (certificate.getPublicKey() instanceof RSAKey rsa && rsa.getModulus().bitLength() < RSA_BITS_MIN) {
            return "its RSA key has " + rsa.getModulus().bitLength() + " bits; at least " + RSA_BITS_MIN
                    + " are needed";
        }
        String algorithm = certificate.getSigAlgName();
        if (!algorithm.equals(PSS)) {
            return isBroken(algorithm) ? "its signature uses " + algorithm + ", which can be forged" : null;
        }
        String digest = digestOfPss(certificate);
        return isBroken(digest) ? "its signature uses " + PSS + " with " + digest + ", which can be forged" : null;
    }

    /** Returns whether a digest, or the signature that begins with its name, can be forged. */
    private static boolean isBroken(String algorithm) {
        String name = algorithm.toUpperCase(Locale.ROOT).replace("-", "");
        return name.startsWith("SHA1") || name.startsWith("MD");
    }

    /** Returns the digest of a signature whose name does not contain it. It is SHA-1 by default (RFC 4055). */
    private static String digestOfPss(X509Certificate certificate) {
        byte[] encoded = certificate.getSigAlgParams();
        if (encoded == null) {
            return SHA_1;
        }
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance(PSS);
            parameters.init(encoded);
            return parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
        } catch (GeneralSecurityException | IOException unreadable) {
            return SHA_1;
        }
    }

    /**
     * Checks that the authority may sign for the names of the path (name constraints, RFC 5280, section 4.2.1.10). The
     * JDK applies this limit only to the authorities in between. So this validates the path once more, with the
     * authority as one of its certificates, below an anchor that is the key of the authority's own issuer alone. If an
     * authority has not signed itself, and its issuer is not trusted, no such anchor exists, and its limit is not
     * applied, as the JDK does.
     *
     * @param path a path that is valid otherwise
     * @param authorities those that are trusted
     * @throws CertificateException if the authority has such a limit, and the path goes beyond it
     */
    static void checkNameConstraints(CertificatePath path, X509Certificate[] authorities) throws CertificateException {
        X509Certificate authority = path.authority();
        X509Certificate issuer = isLimited(authority) ? issuerOf(authority, authorities) : null;
        if (issuer == null) {
            return;
        }
        var all = new ArrayList<>(path.certificates());
        if (!all.getLast().equals(authority)) {
            all.add(authority);
        }
        try {
            var anchor = new TrustAnchor(issuer.getSubjectX500Principal(), issuer.getPublicKey(), null);
            validate(all, anchor);
        } catch (GeneralSecurityException e) {
            throw new NotForNamesException(e);
        }
    }

    /** Validates certificates below an anchor, the peer's own first (PKIX, RFC 5280, section 6). */
    static void validate(List<X509Certificate> certificates, TrustAnchor anchor) throws GeneralSecurityException {
        var parameters = new PKIXParameters(Set.of(anchor));
        parameters.setRevocationEnabled(false);
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(certificates), parameters);
    }

    /** Thrown if an authority has signed for a name for which it may not sign. */
    static final class NotForNamesException extends CertificateException {
        private static final long serialVersionUID = 1L;

        NotForNamesException(Throwable cause) {
            super(cause);
        }
    }

    /** Returns whether an authority may sign for some names only. */
    static boolean isLimited(X509Certificate authority) {
        return authority.getExtensionValue(NAME_CONSTRAINTS) != null;
    }

    private static @Nullable X509Certificate issuerOf(X509Certificate authority, X509Certificate[] authorities) {
        if (CertificatePath.isIssuer(authority, authority)) {
            return authority;
        }
        for (X509Certificate each : authorities) {
            if (CertificatePath.isIssuer(each, authority)) {
                return each;
            }
        }
        return null;
    }
}
