package dev.parley.net.tls;

import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Rules for certificates that the JDK does not apply by itself. */
final class CertificateRules {
    private static final int RSA_BITS_MIN = 2048;
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private CertificateRules() {}

    /** Returns which rule the certificate breaks, in words; null if it breaks none. */
    static @Nullable String broken(X509Certificate certificate) {
        if (certificate.getPublicKey() instanceof RSAKey rsa && rsa.getModulus().bitLength() < RSA_BITS_MIN) {
            return "its RSA key has " + rsa.getModulus().bitLength() + " bits; at least " + RSA_BITS_MIN
                    + " are needed";
        }
        String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        return algorithm.startsWith("SHA1") || algorithm.startsWith("MD")
                ? "its signature uses " + certificate.getSigAlgName() + ", which can be forged"
                : null;
    }

    /** Returns the limits on the names for which an authority may sign (RFC 5280, section 4.2.1.10), in DER. */
    static byte @Nullable [] nameConstraints(X509Certificate authority) {
        byte[] octets = authority.getExtensionValue(NAME_CONSTRAINTS);
        if (octets == null) {
            return null;
        }
        int lengthBytes = (octets[1] & 0x80) == 0 ? 1 : 1 + (octets[1] & 0x7f);
        return Arrays.copyOfRange(octets, 1 + lengthBytes, octets.length); // the content of an octet string
    }
}
