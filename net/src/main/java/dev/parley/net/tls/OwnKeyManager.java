package dev.parley.net.tls;

import java.net.Socket;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which of our certificates the peer sees. A client says which name it wants (SNI, RFC 6066, section 3); it
 * gets the first certificate for this name, or else the first one of all. The key managers of the JDK open the key
 * again for each handshake, which takes longer than the handshake itself. Any thread may use it.
 */
final class OwnKeyManager extends X509ExtendedKeyManager {
    private final List<PrivateKeyEntry> entries;

    OwnKeyManager(List<PrivateKeyEntry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * An alias is the index of an entry. Returns null if no entry has a key of one of these types. The JDK asks for one
     * key type after the other, in the client's order. If any entry has the wanted name, only such entries are
     * returned, so for an earlier type the result is null.
     */
    private @Nullable String alias(@Nullable String wantedName, String... types) {
        String first = null;
        boolean isKnown = false;
        for (int i = 0; i < entries.size(); i++) {
            boolean isWanted =
                    wantedName != null && CertificateNames.of(certificate(i)).match(wantedName);
            isKnown |= isWanted;
            if (hasKeyOf(entries.get(i), types)) {
                if (isWanted) {
                    return Integer.toString(i);
                }
                first = first == null ? Integer.toString(i) : first;
            }
        }
        return isKnown ? null : first;
    }

    private static boolean hasKeyOf(PrivateKeyEntry entry, String... types) {
        String algorithm = entry.getPrivateKey().getAlgorithm();
        for (String type : types) {
            // Before TLS 1.3, the type may name the signature too, such as EC_RSA; Ed25519 keys count as EdDSA.
            if (type.equals(algorithm)
                    || type.equals("RSASSA-PSS") && algorithm.equals("RSA")
                    || type.equals("Ed25519") && algorithm.equals("EdDSA")) {
                return true;
            }
        }
        return false;
    }

    private X509Certificate certificate(int index) {
        return (X509Certificate) entries.get(index).getCertificate();
    }

    private static @Nullable String wantedName(SSLEngine engine) {
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String type, Principal @Nullable [] issuers, SSLEngine engine) {
        return alias(wantedName(engine), type);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(String[] types, Principal @Nullable [] issuers, SSLEngine engine) {
        // The server may not accept the issuer. It then says so, which is clearer than no certificate at all.
        return alias(null, types);
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(null, type);
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(null, types);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        String alias = alias(null, type);
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        return getServerAliases(type, issuers);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        PrivateKeyEntry entry = entry(alias);
        return entry == null ? null : (X509Certificate[]) entry.getCertificateChain();
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        PrivateKeyEntry entry = entry(alias);
        return entry == null ? null : entry.getPrivateKey();
    }

    private @Nullable PrivateKeyEntry entry(String alias) {
        int index = Integer.parseInt(alias);
        return index < entries.size() ? entries.get(index) : null;
    }
}
