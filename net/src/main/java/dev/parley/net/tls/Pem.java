package dev.parley.net.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
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
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** A file with certificates or a private key in PEM (RFC 7468), which is read once: it may be a pipe. Immutable. */
final class Pem {
    private static final int FILE_BYTES_MAX = 1024 * 1024;
    private static final String DASHES = "-----";
    private static final String BEGIN = "-----BEGIN ";
    private static final String PRIVATE_KEY = "PRIVATE KEY";

    /** The algorithms of keys in PKCS#8, which does not say its algorithm in a way that the JDK offers. */
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");

    /** The identifiers of RSA (RFC 8017), and of an elliptic curve key (RFC 5480), in DER. */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int CURVE = 0xa0;

    private final Path file;
    private final byte[] bytes;

    private Pem(Path file, byte[] bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** Reads a file. The message of an exception says in words which file cannot be read, and why. */
    static Pem read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1); // a pipe has no size
            if (bytes.length > FILE_BYTES_MAX) {
                throw new IOException("it has more than " + FILE_BYTES_MAX + " bytes");
            }
            return new Pem(file, bytes);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new IOException("cannot read " + file + ": this user may not", e);
        } catch (IOException e) {
            throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    InputStream in() {
        return new ByteArrayInputStream(bytes);
    }

    /**
     * One part of a file.
     *
     * @param type the type in its first line, such as {@code CERTIFICATE}
     * @param text the text between its first and its last line
     */
    private record Block(String type, String text) {
        /** Returns whether OpenSSL has encrypted it in the form before PKCS#8, with a header (RFC 1421). */
        boolean isEncryptedInOldForm() {
            return text.contains("Proc-Type: 4,ENCRYPTED");
        }
    }

    /** Returns whether the file is a sequence that begins with the version of PKCS#12 (RFC 7292, section 4). */
    private boolean isPkcs12() {
        int lengthBytes = isDer() && (bytes[1] & 0x80) != 0 ? bytes[1] & 0x7f : 0;
        int version = 2 + lengthBytes;
        return isDer()
                && bytes.length > version + 2
                && bytes[version] == 2
                && bytes[version + 1] == 1
                && bytes[version + 2] == 3;
    }

    /** Returns all certificates of the file, in their order; at least one. A file of one in DER is read too. */
    List<X509Certificate> certificates() throws IOException {
        var certificates = new ArrayList<X509Certificate>();
        if (isPkcs12()) {
            throw new IOException(file + " is a PKCS#12 file, and must be PEM here; run openssl pkcs12 -in " + file
                    + " -nokeys -out NEW.pem, and name the new file");
        }
        if (isDer()) {
            return List.of(certificate(bytes));
        }
        for (Block block : blocks()) {
            if (block.type.endsWith("CERTIFICATE")) {
                certificates.add(certificate(der(block)));
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException(file + " holds no certificate (-----BEGIN CERTIFICATE-----)");
        }
        return certificates;
    }

    /** Returns whether the file begins with a sequence of at least 128 bytes, whose length no text could have. */
    private boolean isDer() {
        return bytes.length > 1 && bytes[0] == SEQUENCE && (bytes[1] & 0xff) >= 0x81 && (bytes[1] & 0xff) <= 0x84;
    }

    private X509Certificate certificate(byte[] der) throws IOException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IOException(file + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the first private key of the file.
     *
     * @param password for an encrypted key; null if there is none
     */
    PrivateKey privateKey(KeyFiles.@Nullable Password password) throws IOException {
        for (Block block : blocks()) {
            if (block.type.endsWith(PRIVATE_KEY) && block.isEncryptedInOldForm()) {
                throw new IOException(unreadableEncryption());
            }
            switch (block.type) {
                case PRIVATE_KEY -> {
                    return key(der(block));
                }
                case "RSA PRIVATE KEY" -> {
                    return key(inPkcs8(RSA, der(block)));
                }
                case "EC PRIVATE KEY" -> {
                    byte[] sec1 = der(block);
                    return key(inPkcs8(der(SEQUENCE, joined(EC, curve(sec1))), sec1));
                }
                case "ENCRYPTED PRIVATE KEY" -> {
                    return key(decrypted(der(block), password));
                }
                default -> {} // such as the parameters of a curve
            }
        }
        throw new IOException(file + " holds no private key (-----BEGIN PRIVATE KEY-----)");
    }

    /** Decrypts a key in PKCS#8 (RFC 5958, section 3). */
    private byte[] decrypted(byte[] der, KeyFiles.@Nullable Password password) throws IOException {
        if (password == null) {
            throw new IOException("the key in " + file + " is encrypted, and no password was given");
        }
        EncryptedPrivateKeyInfo info;
        SecretKeyFactory factory;
        try {
            info = new EncryptedPrivateKeyInfo(der);
            // PBES2 names a family of algorithms; the name of the one that is used is the text of its parameters.
            String algorithm =
                    info.getAlgName().startsWith("PBES2") ? String.valueOf(info.getAlgParameters()) : info.getAlgName();
            factory = SecretKeyFactory.getInstance(algorithm);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IOException(unreadableEncryption(), e);
        }
        try {
            var spec = new PBEKeySpec(password.text().toCharArray());
            return info.getKeySpec(factory.generateSecret(spec)).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IOException("the key in " + file + " cannot be decrypted; is the password right?", e);
        }
    }

    private String unreadableEncryption() {
        return "the key in " + file + " is encrypted in a way that Java cannot read; run openssl pkcs8 -topk8 -v2"
                + " aes-256-cbc -in " + file + " -out NEW, and name the new file";
    }

    private PrivateKey key(byte[] pkcs8) throws IOException {
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

    /**
     * Returns all blocks of the file. If one of them is not whole, none is returned: the file is most likely being
     * written, and a chain without its end is not what its owner wants.
     */
    private List<Block> blocks() throws IOException {
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        var blocks = new ArrayList<Block>();
        for (int begin = all.indexOf(BEGIN); begin >= 0; begin = all.indexOf(BEGIN, begin + BEGIN.length())) {
            int typeEnd = all.indexOf(DASHES, begin + BEGIN.length());
            int end = typeEnd < 0 ? -1 : all.indexOf(DASHES, typeEnd + DASHES.length());
            String type = typeEnd < 0 ? "" : all.substring(begin + BEGIN.length(), typeEnd);
            if (end < 0 || !all.startsWith("-----END " + type + DASHES, end)) {
                throw new IOException(file + " holds a block that is cut off or cannot be read, number "
                        + (blocks.size() + 1) + " of those that begin with -----BEGIN");
            }
            blocks.add(new Block(type, all.substring(typeEnd + DASHES.length(), end)));
        }
        return blocks;
    }

    private byte[] der(Block block) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(block.text);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is not a PEM file: " + e.getMessage(), e);
        }
    }

    // The two older forms of keys are put into PKCS#8 (RFC 5208), which the JDK reads.

    private static byte[] inPkcs8(byte[] algorithm, byte[] key) {
        byte[] version = {2, 1, 0};
        return der(SEQUENCE, joined(version, algorithm, der(OCTET_STRING, key)));
    }

    /** Returns the identifier of the curve in a SEC1 key (RFC 5915): the content of its field with the tag [0]. */
    private byte[] curve(byte[] sec1) throws IOException {
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
