package dev.parley.net.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The paths that were verified of the chains that peers have shown last. A session that is resumed has the whole chain,
 * and to find the path in it takes as long as a handshake. Any thread may use it, without a lock: the threads of
 * handshakes have a low priority, and must not hold up a loop.
 */
final class VerifiedPaths {
    /** The number of chains in each of the two maps. */
    private static final int MAX = 128;

    /** The number of certificates that a peer may show besides its path. Chains with more take too much memory. */
    private static final int BESIDES_MAX = 4;

    private volatile Map<List<X509Certificate>, List<X509Certificate>> young = new ConcurrentHashMap<>();
    private volatile Map<List<X509Certificate>, List<X509Certificate>> old = Map.of();

    /** Keeps the path of a chain. If the chain is one certificate, that is its path. */
    void keep(X509Certificate[] chain, CertificatePath path) {
        if (chain.length > 1 && chain.length <= path.certificates().size() + BESIDES_MAX) {
            keep(List.of(chain), path.certificates());
        }
    }

    private void keep(List<X509Certificate> chain, List<X509Certificate> path) {
        Map<List<X509Certificate>, List<X509Certificate>> now = young;
        if (now.size() >= MAX) {
            old = now; // if two threads do this at once, some chains are forgotten early
            now = new ConcurrentHashMap<>();
            young = now;
        }
        now.put(chain, path);
    }

    /** Returns the path of a chain; null if it is not known any more. */
    @Nullable
    List<X509Certificate> known(X509Certificate[] chain) {
        List<X509Certificate> key = List.of(chain);
        List<X509Certificate> path = young.get(key);
        if (path == null) {
            path = old.get(key);
            if (path != null) {
                keep(key, path);
            }
        }
        return path;
    }
}
