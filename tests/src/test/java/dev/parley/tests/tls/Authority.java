package dev.parley.tests.tls;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A certificate authority for tests, which openssl(1) makes in a directory: good certificates and bad ones. */
public final class Authority {
    private static final String[] EC = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"};

    private final Path directory;
    private final String name;
    private final String digest;

    private Authority(Path directory, String name, String digest) {
        this.directory = directory;
        this.name = name;
        this.digest = digest;
    }

    /** Returns the same authority, which signs with another digest. */
    public Authority withDigest(String other) {
        return new Authority(directory, name, other);
    }

    /**
     * The files of one certificate.
     *
     * @param chain the certificate, and those between it and the authority
     * @param key its private key
     */
    public record Issued(Path chain, Path key) {
        /**
         * Copies the pair over a server's pair, one file after the other, as most tools do. In between, the key does
         * not belong to the certificate.
         */
        void replace(Path otherChain, Path otherKey) throws IOException {
            copyOver(chain, otherChain);
            copyOver(key, otherKey);
        }

        private static void copyOver(Path by, Path file) throws IOException {
            Path beside = Files.copy(by, file.resolveSibling("beside"), StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-------"));
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Returns an authority whose files, NAME.pem and NAME-key.pem, are in the directory. */
    public static Authority in(Path directory, String name) {
        return new Authority(directory, name, "sha256");
    }

    /** Makes an authority of this name in the directory. */
    public static Authority make(Path directory, String name, String... constraints) throws Exception {
        Authority authority = in(directory, name);
        var more = new ArrayList<>(List.of(EC));
        more.addAll(List.of("-x509", "-days", "90", "-subj", "/CN=" + name));
        more.addAll(List.of("-keyout", authority.file(name + "-key.pem"), "-out", authority.file(name + ".pem")));
        more.addAll(List.of("-addext", "keyUsage=critical,keyCertSign,cRLSign"));
        for (String constraint : constraints) {
            more.addAll(List.of("-addext", "nameConstraints=critical," + constraint));
        }
        openssl("req", more.toArray(String[]::new));
        return authority;
    }

    private String file(String fileName) {
        return directory.resolve(fileName).toString();
    }

    /** Returns the file with the authority's own certificate. */
    public Path certificate() {
        return directory.resolve(name + ".pem");
    }

    /** Issues a certificate for localhost, for this purpose: serverAuth or clientAuth. */
    public Issued issue(String subject, String purpose) throws Exception {
        return issue(subject, 90, "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1", "extendedKeyUsage=" + purpose);
    }

    /**
     * Issues a certificate.
     *
     * @param days how many days from now it ends; below zero for one that has ended
     * @param extensions in the form of openssl(1)
     */
    public Issued issue(String subject, int days, String... extensions) throws Exception {
        return issue(subject, days, List.of(EC), extensions);
    }

    /**
     * Issues a certificate for a key of another kind; see {@link #issue(String, int, String...)}.
     *
     * @param kindOfKey options of openssl-req(1)
     */
    public Issued issue(String subject, int days, List<String> kindOfKey, String... extensions) throws Exception {
        request(subject, kindOfKey);
        sign(
                subject,
                days,
                Stream.concat(Stream.of(extensions), Stream.of("basicConstraints=CA:false"))
                        .toArray(String[]::new));
        return new Issued(directory.resolve(subject + ".pem"), directory.resolve(subject + "-key.pem"));
    }

    /** Makes an authority that this one has signed. The chains of its certificates do not hold its own. */
    public Authority intermediate(String called, String... more) throws Exception {
        request(called, List.of(EC));
        sign(
                called,
                90,
                Stream.concat(
                                Stream.of("basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign,cRLSign"),
                                Stream.of(more))
                        .toArray(String[]::new));
        return new Authority(directory, called, "sha256");
    }

    /** Makes an authority that this one has signed, with the subject and the key of another certificate. */
    Authority intermediateFor(String subject, Path key, String called) throws Exception {
        openssl("req", "-new", "-key", key.toString(), "-subj", "/CN=" + subject, "-out", file(called + ".csr"));
        Files.copy(key, directory.resolve(called + "-key.pem"));
        sign(called, 90, "basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign,cRLSign");
        return new Authority(directory, called, "sha256");
    }

    private void request(String subject, List<String> kindOfKey) throws Exception {
        var request = new ArrayList<>(kindOfKey);
        request.addAll(List.of("-subj", "/CN=" + subject));
        request.addAll(List.of("-keyout", file(subject + "-key.pem"), "-out", file(subject + ".csr")));
        openssl("req", request.toArray(String[]::new));
    }

    private void sign(String subject, int days, String... extensions) throws Exception {
        Path settings = Files.writeString(directory.resolve(subject + ".ext"), String.join("\n", extensions) + "\n");
        var sign = new ArrayList<>(List.of("-req", "-in", file(subject + ".csr")));
        sign.addAll(List.of("-CA", certificate().toString(), "-CAkey", file(name + "-key.pem"), "-CAcreateserial"));
        sign.addAll(List.of("-" + digest, "-days", Integer.toString(days), "-extfile", settings.toString()));
        sign.addAll(List.of("-out", file(subject + ".pem")));
        if (digest.equals("sha1")) {
            opensslIfItCan("x509", sign.toArray(String[]::new));
        } else {
            openssl("x509", sign.toArray(String[]::new));
        }
    }

    /** Runs a command of openssl(1), which must succeed. */
    public static void openssl(String command, String... arguments) throws Exception {
        String failure = failureOf(command, arguments);
        if (!failure.isEmpty()) {
            throw new AssertionError(failure);
        }
    }

    /** Runs a command of openssl(1) with an old algorithm, which some builds refuse. Then the test is skipped. */
    static void opensslIfItCan(String command, String... arguments) throws Exception {
        String failure = failureOf(command, arguments);
        assumeTrue(failure.isEmpty(), failure);
    }

    /** Runs a command of openssl(1). Returns an empty text if it succeeds. */
    private static String failureOf(String command, String... arguments) throws Exception {
        var all = new ArrayList<>(List.of("openssl", command));
        all.addAll(List.of(arguments));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? "" : String.join(" ", all) + ": " + said;
    }
}
