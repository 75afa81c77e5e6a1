package dev.parley.nats;

import dev.parley.net.tls.Tls;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate of this node to a broker that asks for one. It remembers that it was asked: in TLS 1.3 the
 * broker refuses a certificate, or none, only after the handshake, and jnats does not pass on how.
 */
final class OwnCertificate extends X509ExtendedKeyManager {
    private final @Nullable X509ExtendedKeyManager own;
    private volatile boolean wasAsked;

    private OwnCertificate(@Nullable X509ExtendedKeyManager own) {
        this.own = own;
    }

    /**
     * Reads the files of an address, which may have none.
     *
     * @throws IOException if a file cannot be used
     */
    static OwnCertificate of(NatsAddress address) throws IOException {
        Path certificate = address.certificate();
        Path key = address.key();
        return new OwnCertificate(
                certificate == null ? null : Tls.keyManager(certificate, key == null ? certificate : key));
    }

    /** Returns what the broker may have against the connection; null if it has not asked for a certificate. */
    @Nullable
    String refusal() {
        if (!wasAsked) {
            return null;
        }
        return own == null
                ? "it asks for a certificate of this node; name its files by cert=FILE&key=FILE in the address"
                : "it does not accept the certificate of this node, or does not respond in time";
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        wasAsked = true;
        return own == null ? null : own.chooseClientAlias(types, issuers, socket);
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        return own == null ? null : own.getClientAliases(type, issuers);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return own == null ? null : own.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return own == null ? null : own.getPrivateKey(alias);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        return null; // it is for clients
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
