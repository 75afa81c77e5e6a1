package dev.parley.net.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads certificates and private keys from PEM files (RFC 7468). */
final class Pem {
    private static final int FILE_BYTES_MAX = 1024 * 1024;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s([^-]*)-----END \\1-----", Pattern.MULTILINE);

    /** The algorithms of keys in PKCS#8, which does not say its algorithm in a way that the JDK offers. */
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");

    /** The identifiers of RSA (RFC 8017), and of an elliptic curve key (RFC 5480), in DER. */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int CURVE = 0xa0;

    private Pem() {}

    /** One part of a file: its type and its bytes. */
    private static final class Block {
        private final String type;
        private final byte[] der;

        Block(String type, byte[] der) {
            this.type = type;
            this.der = der;
        }
    }

    /** Returns all certificates of a file, in their order; at least one. A file of one in DER is read too. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        var certificates = new ArrayList<X509Certificate>();
        byte[] all = bytes(file);
        if (all.length > 0 && all[0] == SEQUENCE) {
            return List.of(certificate(file, all));
        }
        for (Block block : blocks(file)) {
            if (block.type.endsWith("CERTIFICATE")) {
                certificates.add(certificate(file, block.der));
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException(file + " holds no certificate (-----BEGIN CERTIFICATE-----)");
        }
        return certificates;
    }

    private static X509Certificate certificate(Path file, byte[] der) throws IOException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IOException(file + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the first private key of a file.
     *
     * @param password for an encrypted key; null if there is none
     */
    static PrivateKey privateKey(Path file, KeyFiles.@Nullable Password password) throws IOException {
        for (Block block : blocks(file)) {
            switch (block.type) {
                case "PRIVATE KEY" -> {
                    return key(file, block.der);
                }
                case "RSA PRIVATE KEY" -> {
                    return key(file, inPkcs8(RSA, block.der));
                }
                case "EC PRIVATE KEY" -> {
                    return key(file, inPkcs8(der(SEQUENCE, joined(EC, curve(file, block.der))), block.der));
                }
                case "ENCRYPTED PRIVATE KEY" -> {
                    return key(file, decrypted(file, block.der, password));
                }
                default -> {} // such as the parameters of a curve
            }
        }
        throw new IOException(file + " holds no private key (-----BEGIN PRIVATE KEY-----)");
    }

    /** Decrypts a key in PKCS#8 (RFC 5958, section 3). */
    private static byte[] decrypted(Path file, byte[] der, KeyFiles.@Nullable Password password) throws IOException {
        if (password == null) {
            throw new IOException("the key in " + file + " is encrypted, and no password was given");
        }
        try {
            var info = new EncryptedPrivateKeyInfo(der);
            // PBES2 names a family of algorithms; the name of the one that is used is the text of its parameters.
            String algorithm =
                    info.getAlgName().startsWith("PBES2") ? String.valueOf(info.getAlgParameters()) : info.getAlgName();
            var spec = new PBEKeySpec(password.text().toCharArray());
            return info.getKeySpec(SecretKeyFactory.getInstance(algorithm).generateSecret(spec))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IOException("the key in " + file + " cannot be decrypted; is the password right?", e);
        }
    }

    private static PrivateKey key(Path file, byte[] pkcs8) throws IOException {
        var unreadable = new IOException("the key in " + file + " cannot be read; it must be one of " + ALGORITHMS);
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException ofAnotherAlgorithm) {
                unreadable.addSuppressed(ofAnotherAlgorithm);
            }
        }
        throw unreadable;
    }

    private static List<Block> blocks(Path file) throws IOException {
        Matcher found = BLOCK.matcher(new String(bytes(file), StandardCharsets.ISO_8859_1));
        var blocks = new ArrayList<Block>();
        while (found.find()) {
            try {
                blocks.add(new Block(found.group(1), Base64.getMimeDecoder().decode(found.group(2))));
            } catch (IllegalArgumentException e) {
                throw new IOException(file + " is not a PEM file: " + e.getMessage(), e);
            }
        }
        return blocks;
    }

    /** Reads a file. The message of an exception says in words which file cannot be read, and why. */
    static byte[] bytes(Path file) throws IOException {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new IOException("it has more than " + FILE_BYTES_MAX + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new IOException("cannot read " + file + ": this user may not", e);
        } catch (IOException e) {
            throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    // The two older forms of keys are put into PKCS#8 (RFC 5208), which the JDK reads.

    private static byte[] inPkcs8(byte[] algorithm, byte[] key) {
        byte[] version = {2, 1, 0};
        return der(SEQUENCE, joined(version, algorithm, der(OCTET_STRING, key)));
    }

    /** Returns the identifier of the curve in a SEC1 key (RFC 5915): the content of its field with the tag [0]. */
    private static byte[] curve(Path file, byte[] sec1) throws IOException {
        for (int at = 0; at + 1 < sec1.length; at++) {
            int length = sec1[at + 1];
            boolean isCurve = (sec1[at] & 0xff) == CURVE && at + 3 < sec1.length && sec1[at + 2] == 6;
            if (isCurve && length == sec1[at + 3] + 2 && at + 2 + length <= sec1.length) {
                return Arrays.copyOfRange(sec1, at + 2, at + 2 + length);
            }
        }
        throw new IOException("the EC key in " + file + " does not name its curve");
    }

    private static byte[] der(int tag, byte[] content) {
        int length = content.length;
        byte[] head = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : length < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return joined(head, content);
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
