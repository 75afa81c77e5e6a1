package dev.parley.cli.cert;

import dev.parley.cli.files.FileFailedException;
import dev.parley.cli.files.FileRights;
import dev.parley.net.tls.ChainCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The certificates for development on this machine: those of an authority, of a server and of a client, below the
 * user's data directory. The authority can sign for the names of this machine alone, so a thief of its key cannot
 * pretend to be another server.
 */
public final class DevelopmentCertificates {
    private static final int AUTHORITY_DAYS = 3650;
    private static final int DAYS = 397;

    /** A certificate that expires sooner is replaced. */
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private static final String AUTHORITY = "ca";
    private static final String SERVER = "server";
    private static final String CLIENT = "client";
    private static final String ONLY_OWNER = "rwx------";

    /** The beginning of the name of the directory in which keytool(1) works. */
    private static final String WORK = "new";

    private static final String KEYS = "keys.p12";

    private final Path directory;
    private final InstantSource clock;

    DevelopmentCertificates(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * {@return the certificates of this user}
     *
     * @param environment where XDG_DATA_HOME and HOME are looked up (XDG Base Directory Specification)
     * @throws FileFailedException if neither is an absolute path; the keys would be in the current directory
     */
    public static DevelopmentCertificates of(Map<String, String> environment) throws FileFailedException {
        DevelopmentCertificates found = ofOrNull(environment);
        if (found == null) {
            throw new FileFailedException(new IOException(
                    "HOME or XDG_DATA_HOME must be an absolute path; the certificates for development are below it"));
        }
        return found;
    }

    /** {@return the certificates of this user; null if neither HOME nor XDG_DATA_HOME is an absolute path} */
    static @Nullable DevelopmentCertificates ofOrNull(Map<String, String> environment) {
        String data = environment.getOrDefault("XDG_DATA_HOME", "");
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "")));
        // A path that is not absolute has to be ignored.
        Path base =
                data.startsWith("/") ? Path.of(data) : home.resolve(".local").resolve("share");
        return base.isAbsolute()
                ? new DevelopmentCertificates(base.resolve("parley").resolve("tls"), InstantSource.system())
                : null;
    }

    /** {@return the directory of all files} */
    public Path directory() {
        return directory;
    }

    /** {@return the certificate of the authority} */
    public Path authority() {
        return pem(AUTHORITY);
    }

    /** {@return the certificate of the server} */
    public Path server() {
        return pem(SERVER);
    }

    /** {@return the private key of the server} */
    public Path serverKey() {
        return key(SERVER);
    }

    /** {@return the certificate of the client} */
    public Path client() {
        return pem(CLIENT);
    }

    /** {@return the private key of the client} */
    public Path clientKey() {
        return key(CLIENT);
    }

    /** {@return whether they were made} */
    public boolean exist() {
        return Stream.of(authority(), server(), serverKey(), client(), clientKey())
                .allMatch(Files::exists);
    }

    private Path pem(String name) {
        return directory.resolve(name + ".pem");
    }

    private Path key(String name) {
        return directory.resolve(name + "-key.pem");
    }

    /**
     * Makes each certificate that is missing. Replaces each one that expires within 30 days, is not valid yet, or
     * cannot be read. If the names of this machine have changed, or if the authority is replaced, all are replaced.
     *
     * @return the names of what was made, such as {@code server}; empty if all could stay
     * @throws FileFailedException if a file cannot be written, or this Java has no keytool(1)
     */
    public List<String> makeOrRenew() throws IOException {
        try {
            Files.createDirectories(directory, FileRights.of(ONLY_OWNER));
        } catch (IOException e) {
            throw new FileFailedException("cannot make the directory " + directory, e);
        }
        Path lock = directory.resolve(".lock");
        try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) { // so that two of these commands do not mix their files
            return makeLocked();
        } catch (FileFailedException e) {
            throw e;
        } catch (FileSystemException e) {
            throw new FileFailedException("cannot write " + e.getFile(), e);
        } catch (IOException e) { // a full disk, and a failure of keytool, do not name the file
            throw new FileFailedException("cannot make the certificates in " + directory, e);
        }
    }

    private List<String> makeLocked() throws IOException {
        removeLeftovers();
        List<String> hosts = hosts();
        Path work = Files.createTempDirectory(directory, WORK);
        try {
            var keytool = new Keytool(work.resolve(KEYS));
            var made = new ArrayList<String>();
            PrivateKeyEntry authority = PemFiles.read(pem(AUTHORITY), key(AUTHORITY));
            boolean stays = authority != null && isGood(authority) && mentions(authority, hosts);
            if (authority != null && stays) {
                keytool.add(AUTHORITY, authority);
            } else {
                keytool.make(AUTHORITY, subject("development CA"), "", AUTHORITY_DAYS, ofAuthority(hosts));
                authority = write(keytool, AUTHORITY);
                made.add(AUTHORITY);
            }
            if (!stays || !isCurrent(SERVER, authority)) {
                keytool.make(SERVER, subject("development server"), AUTHORITY, DAYS, ofServer(hosts));
                var _ = write(keytool, SERVER);
                made.add(SERVER);
            }
            if (!stays || !isCurrent(CLIENT, authority)) {
                keytool.make(CLIENT, subject("development client"), AUTHORITY, DAYS, ofClient());
                var _ = write(keytool, CLIENT);
                made.add(CLIENT);
            }
            return made;
        } finally {
            removeWork(work);
        }
    }

    /**
     * Removes the files that a killed run has left behind. They may contain the key of the authority. Because of the
     * lock, no other run is at work.
     */
    private void removeLeftovers() throws IOException {
        try (DirectoryStream<Path> leftovers =
                Files.newDirectoryStream(directory, "{" + WORK + "[0-9]*," + PemFiles.BESIDE + "*}")) {
            for (Path leftover : leftovers) {
                if (Files.isDirectory(leftover, LinkOption.NOFOLLOW_LINKS)) {
                    removeWork(leftover);
                } else if (leftover.getFileName().toString().startsWith(PemFiles.BESIDE)) {
                    Files.deleteIfExists(leftover);
                }
            }
        }
    }

    /** Removes keytool's directory, unless there is something in it that is not ours. */
    private static void removeWork(Path work) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(work, KEYS + "*")) {
            for (Path file : files) { // keytool may have left a file that was not whole
                Files.deleteIfExists(file);
            }
        }
        try {
            Files.deleteIfExists(work);
        } catch (DirectoryNotEmptyException notOurs) {
            return;
        }
    }

    /** Writes a key, and then its certificate, since a server that reads them in between keeps its earlier ones. */
    private PrivateKeyEntry write(Keytool keytool, String name) throws IOException {
        PrivateKeyEntry entry = keytool.entry(name);
        PemFiles.writeKey(key(name), entry.getPrivateKey());
        PemFiles.writeCertificate(pem(name), (X509Certificate) entry.getCertificate());
        return entry;
    }

    private boolean isCurrent(String name, PrivateKeyEntry authority) {
        PrivateKeyEntry entry = PemFiles.read(pem(name), key(name));
        if (entry == null || !isGood(entry)) {
            return false;
        }
        var certificate = (X509Certificate) entry.getCertificate();
        return certificate
                        .getIssuerX500Principal()
                        .equals(((X509Certificate) authority.getCertificate()).getSubjectX500Principal())
                && ChainCheck.isSignedBy(certificate, authority.getCertificate());
    }

    private boolean isGood(PrivateKeyEntry entry) {
        var certificate = (X509Certificate) entry.getCertificate();
        Instant now = clock.instant();
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && now.plus(RENEW_BEFORE).isBefore(certificate.getNotAfter().toInstant());
    }

    /** Returns whether the authority may sign for these names: its subject names the machine. */
    private static boolean mentions(PrivateKeyEntry authority, List<String> hosts) {
        byte[] constraints = ((X509Certificate) authority.getCertificate()).getExtensionValue("2.5.29.30");
        String wanted = NameConstraints.hex(hosts);
        return constraints != null && HexFormat.of().formatHex(constraints).endsWith(wanted);
    }

    /** Returns the names of this machine: localhost, and its own name if that can be in a certificate. */
    private static List<String> hosts() {
        var hosts = new ArrayList<>(List.of("localhost"));
        try {
            String own = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
            if (own.matches("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
                    && !own.matches("[0-9.]+")
                    && !own.equals("localhost")) {
                hosts.add(own);
            }
        } catch (UnknownHostException hasNoName) {
            return hosts;
        }
        return hosts;
    }

    private static String subject(String what) {
        String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._-]", "");
        return "CN=Parley " + what + (user.isEmpty() ? "" : " of " + user);
    }

    private static List<String> ofAuthority(List<String> hosts) {
        return List.of(
                "bc:critical=ca:true,pathlen:0",
                "ku:critical=keyCertSign,cRLSign",
                "2.5.29.30:critical=" + NameConstraints.hex(hosts));
    }

    private static List<String> ofServer(List<String> hosts) {
        var names = new ArrayList<String>();
        hosts.forEach(host -> names.add("dns:" + host));
        names.addAll(List.of("ip:127.0.0.1", "ip:::1"));
        return List.of("san=" + String.join(",", names), "eku=serverAuth", "ku:critical=digitalSignature");
    }

    private static List<String> ofClient() {
        return List.of("eku=clientAuth", "ku:critical=digitalSignature");
    }
}
