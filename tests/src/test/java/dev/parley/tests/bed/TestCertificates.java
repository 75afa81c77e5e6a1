package dev.parley.tests.bed;

import dev.parley.net.tls.ChainCheck;
import dev.parley.net.tls.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Certificates for tests, which {@code keytool} makes once for each JVM: a server's for {@code localhost}, 127.0.0.1
 * and ::1, which is its own issuer.
 */
public final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private static final String NAMES = "san=dns:localhost,ip:127.0.0.1,ip:::1";
    private static final Path DIRECTORY = make();

    private TestCertificates() {}

    public static Path certificate() {
        return DIRECTORY.resolve("certificate.pem");
    }

    public static Path key() {
        return DIRECTORY.resolve("key.pem");
    }

    /** Makes a certificate of another issuer, with the same names, in this directory; the files have the same names. */
    public static Path another(Path directory) {
        return another(directory, "-1d");
    }

    /** Makes such a certificate that is valid from this time on, relative to now, as keytool(1) writes it. */
    public static Path another(Path directory, String start) {
        try {
            keytool(directory, "other", "CN=other", NAMES, start);
            write(directory, "other", "certificate.pem", "key.pem");
            return directory;
        } catch (IOException | InterruptedException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns settings of both sides: each shows the certificate, and the client accepts it under this name. */
    public static Tls ofBothSides() {
        try {
            return Tls.builder()
                    .authorities(certificate())
                    .certificate(certificate(), key())
                    .serverName("localhost")
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return a context of the JDK for clients that accept these certificates} */
    public static SSLContext jdkContext() throws Exception {
        return contextOf(null, certificate());
    }

    /** {@return a context of the JDK for both sides, which shows the certificate and accepts it} */
    public static SSLContext jdkContextWithKey() throws Exception {
        KeyStore store = KeyStore.getInstance(DIRECTORY.resolve("own.p12").toFile(), PASSWORD.toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD.toCharArray());
        return contextOf(keys.getKeyManagers(), certificate());
    }

    /**
     * {@return a context of the JDK that shows what is in files, and accepts what an authority has signed}
     *
     * @param chain a PEM file with the certificates to show
     * @param key a PEM file with an EC key in PKCS#8
     * @param authority a PEM file with one certificate
     */
    public static SSLContext jdkContext(Path chain, Path key, Path authority) throws Exception {
        return jdkContext(keyManager(chain, key), authority);
    }

    /** {@return a context that shows what a key manager chooses, and accepts what an authority has signed} */
    public static SSLContext jdkContext(KeyManager keys, Path authority) throws Exception {
        return contextOf(new KeyManager[] {keys}, authority);
    }

    /** {@return a key manager that shows what is in files} The key is an EC key in PKCS#8. */
    public static X509ExtendedKeyManager keyManager(Path chain, Path key) throws Exception {
        byte[] der = Base64.getMimeDecoder().decode(Files.readString(key).replaceAll("-----[^-]*-----", ""));
        KeyStore store = KeyStore.getInstance("JKS"); // which takes chains in any order
        store.load(null, null);
        store.setKeyEntry(
                "own",
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)),
                PASSWORD.toCharArray(),
                ChainCheck.read(chain).toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD.toCharArray());
        return (X509ExtendedKeyManager) keys.getKeyManagers()[0];
    }

    private static SSLContext contextOf(KeyManager @Nullable [] keys, Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(authority)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }

    private static Path make() {
        try {
            Path directory = Files.createTempDirectory("parley-certificates");
            keytool(directory, "own", "CN=test", NAMES, "-1d");
            write(directory, "own", "certificate.pem", "key.pem");
            return directory;
        } catch (IOException | InterruptedException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void keytool(Path directory, String alias, String name, String extension, String start)
            throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC", "-groupname", "secp256r1"));
        command.addAll(List.of(
                "-dname", name, "-validity", "90", "-startdate", start, "-ext", extension, "-ext", "bc=ca:true"));
        command.addAll(List.of(
                "-storetype",
                "PKCS12",
                "-keystore",
                directory.resolve(alias + ".p12").toString()));
        command.addAll(List.of("-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("keytool: " + told);
        }
    }

    private static void write(Path directory, String alias, String certificate, String key)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(directory.resolve(alias + ".p12").toFile(), PASSWORD.toCharArray());
        Files.writeString(
                directory.resolve(certificate),
                pem("CERTIFICATE", store.getCertificate(alias).getEncoded()));
        Path file = directory.resolve(key);
        Files.writeString(
                file,
                pem("PRIVATE KEY", store.getKey(alias, PASSWORD.toCharArray()).getEncoded()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }
}
