package dev.parley.net.tls;

import dev.parley.net.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The keys and the authorities of one {@link Tls}, which are read again after one of their files has changed.
 * Handshakes that begin then use the new ones, and nothing of an earlier session is resumed. If the new files cannot be
 * used, the earlier ones stay in use. Any thread may use it.
 */
final class TlsContext {
    /** The least time between two checks of the files. */
    private static final long LOOK_EVERY_NANOS = 250_000_000;

    private static final InstantSource CLOCK = InstantSource.system();

    private final List<KeyFiles> keyFiles;
    private final @Nullable Path authorities;
    private final @Nullable Path clientAuthorities;
    private final ExpiryWarnings expiry = new ExpiryWarnings(CLOCK);
    private final AtomicReference<Current> current;

    /** The first handshake checks the dates too, because a client may make no second one. */
    private volatile long lookedNanos = Ticker.SYSTEM.nanos() - LOOK_EVERY_NANOS;

    // Used under the lock of this object.
    private List<FileState> states = List.of();
    private List<FileState> broken = List.of();
    private boolean brokenWasTold;

    /** Uses a context of the user's own. */
    TlsContext(SSLContext given) {
        keyFiles = List.of();
        authorities = null;
        clientAuthorities = null;
        current = new AtomicReference<>(new Current(given, null, null, List.of()));
    }

    /**
     * Reads the files.
     *
     * @param authorities whose servers are accepted; null for the authorities of the JDK
     * @param clientAuthorities whose clients are accepted; null if clients need no certificate
     * @throws IOException if a file cannot be used; the message names it
     */
    TlsContext(List<KeyFiles> keyFiles, @Nullable Path authorities, @Nullable Path clientAuthorities)
            throws IOException {
        this.keyFiles = keyFiles;
        this.authorities = authorities;
        this.clientAuthorities = clientAuthorities;
        states = statesOfFiles();
        current = new AtomicReference<>(read());
    }

    /**
     * The keys and authorities of handshakes that begin now.
     *
     * @param keys chooses what this side shows; null if a context of the user's own does
     * @param judge decides about the peers; null if a context of the user's own does
     */
    private record Current(
            SSLContext context,
            @Nullable OwnKeyManager keys,
            @Nullable PeerTrustManager judge,
            List<Shown> shown) {
        static Current of(OwnKeyManager keys, PeerTrustManager judge, List<Shown> shown)
                throws GeneralSecurityException {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, new TrustManager[] {judge}, null);
            return new Current(context, keys, judge, shown);
        }
    }

    /**
     * A certificate that this side shows.
     *
     * @param own our own one
     * @param issuers those of its issuers that are shown with it
     */
    private record Shown(X509Certificate own, List<X509Certificate> issuers) {
        static Shown of(PrivateKeyEntry entry) {
            var chain = (X509Certificate[]) entry.getCertificateChain();
            List<X509Certificate> all = CertificatePath.issuersIn(chain);
            return new Shown(chain[0], all.subList(1, all.size()));
        }

        boolean isValid() {
            try {
                own.checkValidity();
                return true;
            } catch (CertificateException expiredOrTooEarly) {
                return false;
            }
        }
    }

    SSLContext current() {
        return current.get().context();
    }

    /**
     * Lets no handshake resume a session that exists now. Called on a server if the certificate in a session has
     * expired: the client may have a new one, and would go on resuming, since the session is in the ticket that the
     * client has. The keys that encrypt tickets belong to the context, so a new context takes its place. It reads no
     * file, and a loop may call it.
     */
    void forgetSessions() {
        Current now = current.get();
        OwnKeyManager keys = now.keys();
        PeerTrustManager judge = now.judge();
        if (keys != null && judge != null) {
            try {
                current.compareAndSet(now, Current.of(keys, judge, now.shown()));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the context could be made before, and cannot now", e);
            }
        }
    }

    /**
     * Returns the certificates that lead from a peer's own one to an authority. The certificates were accepted in this
     * handshake, or in that of the session that it resumes.
     *
     * @param peer what it is: {@code server} or {@code client}
     * @param chain all that the peer has shown
     * @throws CertificateException if one of them is not valid any more
     */
    List<X509Certificate> verified(String peer, X509Certificate[] chain) throws CertificateException {
        PeerTrustManager judge = current.get().judge();
        return judge == null
                ? List.of(chain[0])
                : judge.verified(peer, chain); // what the user's own verifies is unknown
    }

    /** Returns whether the files must be looked at before the next handshake. */
    boolean isDueToLook() {
        return Ticker.SYSTEM.nanos() - lookedNanos >= LOOK_EVERY_NANOS
                && files().findAny().isPresent();
    }

    /** Reads the files again if they have changed. Blocks, so no loop may call this. */
    synchronized void look(Consumer<String> warned, Consumer<String> reloaded) {
        if (isDueToLook()) {
            try {
                readIfChanged(warned, reloaded);
            } finally {
                lookedNanos = Ticker.SYSTEM.nanos();
            }
            warnOfExpiry(warned);
        }
    }

    /** Warns if a certificate of ours, or all authorities of a file, end soon. */
    synchronized void warnOfExpiry(Consumer<String> warned) {
        Current now = current.get();
        PeerTrustManager judge = now.judge();
        expiry.warn(
                now.shown().stream().map(Shown::own).toList(),
                now.shown().stream().flatMap(each -> each.issuers().stream()).toList(),
                judge == null ? List.of() : judge.lastAuthorities(),
                warned);
    }

    private void readIfChanged(Consumer<String> warned, Consumer<String> reloaded) {
        List<FileState> now = statesOfFiles();
        if (now.equals(states)) {
            return;
        }
        try {
            Current next = read();
            checkDates(current.get().shown(), next.shown());
            current.set(next);
            states = now;
            reloaded.accept("the files of TLS have changed, and new handshakes use them" + described(next.shown()));
        } catch (IOException | RuntimeException e) { // the JDK's parsers throw the latter for odd files
            notifyBroken(now, e, warned);
        }
    }

    /** Warns at the second look, since the files may be in the middle of a change; and once for each change. */
    private void notifyBroken(List<FileState> now, Exception cause, Consumer<String> warned) {
        boolean seenBefore = now.equals(broken);
        if (seenBefore && !brokenWasTold) {
            brokenWasTold = true;
            warned.accept("the files of TLS have changed and cannot be used, so the earlier ones stay in use: "
                    + cause.getMessage());
        } else if (!seenBefore) {
            broken = now;
            brokenWasTold = false;
        }
    }

    /**
     * A certificate that is not valid, because its renewal went wrong or an old copy was put back, would fail each
     * handshake. So it does not replace one that is valid.
     */
    private static void checkDates(List<Shown> before, List<Shown> after) throws IOException {
        for (int i = 0; i < after.size(); i++) {
            X509Certificate own = after.get(i).own();
            if (before.get(i).isValid() && !after.get(i).isValid()) {
                boolean isOver = own.getNotAfter().toInstant().isBefore(CLOCK.instant());
                throw new IOException("the certificate " + CertificateText.of(own)
                        + (isOver
                                ? " has expired on " + CertificateText.end(own)
                                : " is not valid before "
                                        + CertificateText.time(
                                                own.getNotBefore().toInstant())));
            }
        }
    }

    private static String described(List<Shown> shown) {
        return shown.isEmpty()
                ? ""
                : ": "
                        + shown.stream()
                                .map(each ->
                                        CertificateText.of(each.own()) + " until " + CertificateText.end(each.own()))
                                .collect(Collectors.joining(", "));
    }

    private Current read() throws IOException {
        var entries = new ArrayList<PrivateKeyEntry>();
        for (KeyFiles each : keyFiles) {
            entries.add(each.read());
        }
        try {
            var judge = new PeerTrustManager(
                    authorities == null ? null : trusting(authorities),
                    clientAuthorities == null ? null : trusting(clientAuthorities));
            List<Shown> shown = entries.stream().map(Shown::of).toList();
            return Current.of(new OwnKeyManager(entries), judge, shown);
        } catch (GeneralSecurityException e) {
            throw new IOException("the settings of TLS cannot be used: " + e.getMessage(), e);
        }
    }

    /** Returns what accepts the certificates of the authorities in a file, or of those of the JDK. */
    static X509ExtendedTrustManager trusting(@Nullable Path file) throws GeneralSecurityException, IOException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(file == null ? null : store(Pem.read(file).certificates()));
        return (X509ExtendedTrustManager) Stream.of(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .findFirst()
                .orElseThrow();
    }

    private static KeyStore store(List<X509Certificate> certificates) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("authority" + i, certificates.get(i));
        }
        return store;
    }

    private Stream<Path> files() {
        Stream<Path> trusted = Stream.of(authorities, clientAuthorities).filter(Objects::nonNull);
        return Stream.concat(keyFiles.stream().flatMap(KeyFiles::all), trusted);
    }

    private List<FileState> statesOfFiles() {
        return files().map(FileState::of).toList();
    }

    /**
     * The facts of a file that are compared to notice a change. A pipe is read only once, so it counts as unchanged.
     */
    private record FileState(
            Path file,
            long bytes,
            long modifiedMillis,
            @Nullable Object fileKey) {
        static FileState of(Path file) {
            try {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return attributes.isOther()
                        ? new FileState(file, 0, 0, null)
                        : new FileState(
                                file,
                                attributes.size(),
                                attributes.lastModifiedTime().toMillis(),
                                attributes.fileKey());
            } catch (IOException unreadable) {
                return new FileState(file, -1, 0, null);
            }
        }
    }
}
