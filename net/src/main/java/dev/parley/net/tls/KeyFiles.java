package dev.parley.net.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a certificate and its private key.
 *
 * @param certificates a PEM file with the certificate and those of its issuers; or a PKCS#12 file with the key as well
 * @param key a PEM file with the private key; null if the first file has it
 * @param password the password of the key or of the PKCS#12 file; null if there is none
 */
record KeyFiles(
        Path certificates, @Nullable Path key, @Nullable Password password) {
    /** A password, which no message shows. */
    record Password(String text) {
        @Override
        public String toString() {
            return "(password)";
        }
    }

    Stream<Path> all() {
        return Stream.of(certificates, key == null ? certificates : key).distinct();
    }

    /**
     * Reads the files.
     *
     * @throws IOException if they cannot be read, or the key does not belong to the certificate; the message names the
     *     file
     */
    PrivateKeyEntry read() throws IOException {
        try {
            PrivateKeyEntry entry = isPkcs12() ? pkcs12() : pem();
            checkPair(entry);
            checkIsPrivate(key == null ? certificates : key);
            return entry;
        } catch (GeneralSecurityException | RuntimeException e) { // the JDK's parsers throw many kinds of the latter
            throw new IOException(
                    "the certificate and the key in " + names() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private String names() {
        return key == null ? certificates.toString() : certificates + " and " + key;
    }

    private boolean isPkcs12() {
        String name = certificates.toString().toLowerCase(Locale.ROOT);
        return key == null && (name.endsWith(".p12") || name.endsWith(".pfx"));
    }

    private PrivateKeyEntry pem() throws IOException {
        Pem first = Pem.read(certificates);
        List<X509Certificate> chain = first.certificates();
        Pem second = key == null || key.equals(certificates) ? first : Pem.read(key);
        PrivateKey own = second.privateKey(password);
        String type = own.getAlgorithm();
        String wanted = chain.getFirst().getPublicKey().getAlgorithm();
        if (!type.equals(wanted)) {
            throw new IOException("the key in " + names() + " does not belong to the certificate: the key is of type "
                    + type + ", and the certificate is for one of type " + wanted);
        }
        return new PrivateKeyEntry(own, chain.toArray(Certificate[]::new));
    }

    private PrivateKeyEntry pkcs12() throws IOException, GeneralSecurityException {
        char[] secret = password == null ? new char[0] : password.text().toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        InputStream in = Pem.read(certificates).in();
        try {
            store.load(in, secret);
        } catch (IOException e) {
            throw new IOException(
                    certificates + " cannot be read as PKCS#12; is the password right? (" + e.getMessage() + ")", e);
        }
        for (String alias : Collections.list(store.aliases())) {
            // getEntry fails for a key without a certificate and for a trusted certificate
            boolean isPair =
                    store.entryInstanceOf(alias, PrivateKeyEntry.class) && store.getCertificateChain(alias) != null;
            if (isPair
                    && store.getEntry(alias, new KeyStore.PasswordProtection(secret))
                            instanceof PrivateKeyEntry entry) {
                return entry;
            }
        }
        throw new IOException(certificates + " holds no private key with its certificate");
    }

    /** A key that others can read is not a secret any more, so no one should rely on it. */
    private static void checkIsPrivate(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
                && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
            throw new IOException("every user of this machine can read the key in " + file
                    + ", so it is not a secret; run chmod 600 " + file);
        }
    }

    /** A wrong key would fail each handshake, without a reason. */
    private void checkPair(PrivateKeyEntry entry) throws IOException, GeneralSecurityException {
        if (!ChainCheck.isKeyOf(entry.getPrivateKey(), entry.getCertificate())) {
            throw new IOException("the key in " + names() + " does not belong to the certificate "
                    + CertificateText.of((X509Certificate) entry.getCertificate())
                    + "; the first certificate of the file must be that of the key");
        }
    }
}
