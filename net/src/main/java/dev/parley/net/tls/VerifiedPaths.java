package dev.parley.net.tls;

import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The paths that were verified of the chains that peers have shown last. A session that is resumed has the whole chain,
 * and to find the path in it takes as long as a handshake. Any thread may use it.
 */
final class VerifiedPaths {
    private static final int MAX = 256;

    private final Map<List<X509Certificate>, List<X509Certificate>> ofChains = new LinkedHashMap<>(16, 0.75f, true);

    /** Keeps the path of a chain. If the chain is one certificate, that is its path. */
    void keep(X509Certificate[] chain, CertificatePath path) {
        if (chain.length > 1) {
            put(List.of(chain), path.certificates());
        }
    }

    private synchronized void put(List<X509Certificate> chain, List<X509Certificate> path) {
        ofChains.put(chain, path);
        if (ofChains.size() > MAX) {
            ofChains.remove(ofChains.keySet().iterator().next()); // the one that was used longest ago
        }
    }

    /** Returns the path of a chain; null if it is not known any more. */
    synchronized @Nullable List<X509Certificate> known(X509Certificate[] chain) {
        return ofChains.get(List.of(chain));
    }
}
