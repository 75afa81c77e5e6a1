package dev.parley.net.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges chains of certificates without a connection, by the rules of a handshake. Any thread may use it.
 *
 * {@snippet :
 * List<X509Certificate> chain = ChainCheck.read(Path.of("server.pem"));
 * ChainCheck.trusting(Path.of("ca.pem")).server(chain, "localhost"); // throws if a client would refuse it
 * }
 */
public final class ChainCheck {
    /** The JDK's name of the key exchange of TLS 1.3, which does not depend on the certificate. */
    private static final String TYPE = "UNKNOWN";

    private static final byte[] PROBE = {1, 2, 3, 4};

    private final X509ExtendedTrustManager judge;

    private ChainCheck(X509ExtendedTrustManager judge) {
        this.judge = judge;
    }

    /**
     * {@return a check that trusts the authorities in a file}
     *
     * @param authorities a PEM file with at least one certificate
     * @throws IOException if the file cannot be read; the message names it
     */
    public static ChainCheck trusting(Path authorities) throws IOException {
        return made(authorities);
    }

    /**
     * {@return a check that trusts the authorities of the JDK}
     *
     * @throws IOException if they cannot be read
     */
    public static ChainCheck trustingThoseOfJdk() throws IOException {
        return made(null);
    }

    private static ChainCheck made(@Nullable Path authorities) throws IOException {
        try {
            return new ChainCheck(TlsContext.trusting(authorities));
        } catch (GeneralSecurityException e) {
            throw new IOException("the authorities cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * {@return all certificates of a file, in their order; at least one}
     *
     * @param file a PEM file (RFC 7468), or one certificate in DER
     * @throws IOException if the file cannot be read, or holds no certificate; the message names it
     */
    public static List<X509Certificate> read(Path file) throws IOException {
        return Pem.read(file).certificates();
    }

    /**
     * {@return whether a certificate is for a host} The common name of its subject does not count (RFC 9525, section
     * 2).
     *
     * @param certificate the certificate of a server
     * @param host a name or an IP address
     */
    public static boolean isFor(X509Certificate certificate, String host) {
        return CertificateNames.of(certificate).match(host);
    }

    /**
     * {@return whether the key of a certificate has signed another one} The names of the two are not compared.
     *
     * @param certificate the one that was signed
     * @param issuer the one that may have signed it
     */
    public static boolean isSignedBy(X509Certificate certificate, Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException notByThis) {
            return false;
        }
    }

    /**
     * {@return whether a private key belongs to a certificate} It signs with the key, and verifies by the certificate.
     *
     * @param key an RSA, EC or Ed25519 key
     * @param certificate a certificate for a key of the same type
     * @throws GeneralSecurityException if the key or the certificate cannot be used
     */
    public static boolean isKeyOf(PrivateKey key, Certificate certificate) throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "EdDSA", "Ed25519" -> "EdDSA";
                    default -> "SHA256withRSA";
                };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(PROBE);
        try {
            return signature.verify(signed);
        } catch (GeneralSecurityException ofAnotherLength) {
            return false;
        }
    }

    /**
     * Checks the chain of a server as a client does.
     *
     * @param chain the server's own certificate first; at least one
     * @param host the host that it must be for; null not to check this
     * @throws TlsException if a client refuses the chain; the message says which rule it breaks
     */
    public void server(List<X509Certificate> chain, @Nullable String host) throws TlsException {
        X509Certificate[] all = chain.toArray(X509Certificate[]::new);
        check("server", all, host, () -> judge.checkServerTrusted(all, TYPE));
    }

    /**
     * Checks the chain of a client as a server does.
     *
     * @param chain the client's own certificate first; at least one
     * @throws TlsException if a server refuses the chain; the message says which rule it breaks
     */
    public void client(List<X509Certificate> chain) throws TlsException {
        X509Certificate[] all = chain.toArray(X509Certificate[]::new);
        check("client", all, null, () -> judge.checkClientTrusted(all, TYPE));
    }

    private void check(String peer, X509Certificate[] chain, @Nullable String host, PeerTrustManager.JdkRules rules)
            throws TlsException {
        try {
            PeerTrustManager.check(peer, chain, host, judge, rules);
        } catch (RefusedCertificateException e) {
            throw new TlsException(e.reason(), String.valueOf(e.getMessage()), e);
        } catch (CertificateException e) {
            throw new TlsException(TlsException.Reason.BAD_CERTIFICATE, String.valueOf(e.getMessage()), e);
        }
    }
}
