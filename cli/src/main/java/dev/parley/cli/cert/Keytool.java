package dev.parley.cli.cert;

import dev.parley.cli.files.FileFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes keys and certificates with keytool(1), and chooses the type of the keys: elliptic curves, on secp256r1. The
 * tool comes with the JDK: the JDK has no other way to sign one. They are
 * kept in a key store until they are read.
 */
final class Keytool {
    private static final String PASSWORD = "only-for-this-call";

    private final Path store;

    /**
     * Uses a key store, which need not exist.
     *
     * @param store a file in a directory that no other user can read
     */
    Keytool(Path store) {
        this.store = store;
    }

    /**
     * Makes a key with its certificate.
     *
     * @param alias the name in the store
     * @param subject such as {@code CN=localhost}
     * @param signer the alias of the authority; empty for a certificate that signs itself
     * @param days how long it is valid
     * @param extensions as keytool(1) writes them
     */
    void make(String alias, String subject, String signer, int days, List<String> extensions) throws IOException {
        var command = new ArrayList<>(List.of(program().toString(), "-genkeypair", "-alias", alias));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-sigalg", "SHA256withECDSA"));
        command.addAll(List.of("-dname", subject, "-validity", Integer.toString(days), "-startdate", "-1H"));
        for (String extension : extensions) {
            command.addAll(List.of("-ext", extension));
        }
        if (!signer.isEmpty()) {
            command.addAll(List.of("-signer", signer));
        }
        command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Xshare:auto"));
        run(command);
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool, which comes with the JDK, has failed: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroy();
            throw new IOException("interrupted while keytool worked", e);
        }
    }

    private static Path program() throws IOException {
        Path bin = Path.of(System.getProperty("java.home"), "bin");
        for (String name : List.of("keytool", "keytool.exe")) {
            if (Files.isExecutable(bin.resolve(name))) {
                return bin.resolve(name);
            }
        }
        throw new IOException("this Java has no keytool in " + bin + "; a JDK has one");
    }

    /** Adds a key that exists, with its certificate. */
    void add(String alias, PrivateKeyEntry entry) throws IOException {
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setEntry(alias, entry, new KeyStore.PasswordProtection(PASSWORD.toCharArray()));
            try (var out = Files.newOutputStream(store)) {
                keys.store(out, PASSWORD.toCharArray());
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("the key of the authority cannot be used: " + e.getMessage(), e);
        }
    }

    /** Returns a key that was made, with its certificates. */
    PrivateKeyEntry entry(String alias) throws IOException {
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            return (PrivateKeyEntry) keys.getEntry(alias, new KeyStore.PasswordProtection(PASSWORD.toCharArray()));
        } catch (GeneralSecurityException e) {
            throw new FileFailedException("cannot read what keytool has made", new IOException(e));
        }
    }
}
