package dev.parley.cli.cert;

import dev.parley.cli.files.FileRights;
import dev.parley.net.tls.ChainCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads and writes the PEM files (RFC 7468) of the development certificates. Only their owner can read them. */
final class PemFiles {
    /** The beginning of the names of files that are not complete yet. */
    static final String BESIDE = ".new-";

    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private PemFiles() {}

    /**
     * Reads a certificate with its key. Returns null if one of them is missing or cannot be read, or if they do not
     * belong together: a run of this command may have ended between the two files.
     */
    static @Nullable PrivateKeyEntry read(Path certificate, Path key) {
        try {
            String text = Files.readString(key, StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----", "");
            var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text));
            PrivateKey decoded = KeyFactory.getInstance("EC").generatePrivate(spec);
            Certificate read = ChainCheck.read(certificate).getFirst();
            return ChainCheck.isKeyOf(decoded, read) ? new PrivateKeyEntry(decoded, new Certificate[] {read}) : null;
        } catch (IOException | GeneralSecurityException | RuntimeException unusable) {
            return null;
        }
    }

    static void writeKey(Path file, PrivateKey key) throws IOException {
        write(file, "PRIVATE KEY", key.getEncoded());
    }

    static void writeCertificate(Path file, X509Certificate certificate) throws IOException {
        try {
            write(file, "CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Writes the file whole or not at all. It never exists with more rights than those of its owner. */
    private static void write(Path file, String type, byte[] der) throws IOException {
        String text = "-----BEGIN " + type + "-----\n" + BASE64.encodeToString(der) + "\n-----END " + type + "-----\n";
        Path beside = file.resolveSibling(BESIDE + UUID.randomUUID());
        try {
            Files.createFile(beside, FileRights.of("rw-------"));
            Files.writeString(beside, text, StandardCharsets.US_ASCII);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
