package dev.parley.net.tls;

import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The settings of TLS: which certificate this side shows, and which ones it accepts of its peers. TLS 1.3 is used (RFC
 * 8446). A client always checks that the certificate is for the server that it wants; see {@link #withServerName}.
 * Immutable; any thread may use it.
 *
 * {@snippet :
 * Tls tls = Tls.server(Path.of("server.pem"), Path.of("server-key.pem"));
 * EventLoop.Builder settings = EventLoop.builder().transport(tls.over(Transports.preferred()));
 * Server server = Server.builder()
 *         .loop(settings)
 *         .otherwise(request -> request)
 *         .listen("tcp://localhost:65432");
 * }
 */
public final class Tls {
    private static final String[] PROTOCOLS = {"TLSv1.3"};

    private final SSLContext context;
    private final @Nullable String serverName;
    private final boolean needsClientCertificate;

    private Tls(SSLContext context, @Nullable String serverName, boolean needsClientCertificate) {
        this.context = context;
        this.serverName = serverName;
        this.needsClientCertificate = needsClientCertificate;
    }

    /**
     * {@return settings with a context of the caller's own, which has the keys and the trusted certificates}
     *
     * @param context an initialized context
     */
    public static Tls of(SSLContext context) {
        return new Tls(context, null, false);
    }

    /**
     * {@return settings of a server that shows a certificate}
     *
     * @param certificates a PEM file with the server's certificate, followed by those of its issuers
     * @param key a PEM file with the private key of the first certificate: PKCS#8, PKCS#1 (RSA) or SEC1 (EC), not
     *     encrypted
     * @throws IOException if a file cannot be read, or does not hold what it should; the message names the file
     */
    public static Tls server(Path certificates, Path key) throws IOException {
        return of(context(certificates, key, null));
    }

    /**
     * {@return settings of a server that shows a certificate, and accepts only clients that show one too}
     *
     * @param certificates a PEM file, as for {@link #server(Path, Path)}
     * @param key a PEM file, as for {@link #server(Path, Path)}
     * @param clientIssuers a PEM file with the certificates of the issuers whose clients are accepted
     * @throws IOException as for {@link #server(Path, Path)}
     */
    public static Tls server(Path certificates, Path key, Path clientIssuers) throws IOException {
        return new Tls(context(certificates, key, clientIssuers), null, true);
    }

    /**
     * {@return settings of a client that accepts servers whose certificates one of these issuers has signed}
     *
     * @param issuers a PEM file with the certificates of the issuers
     * @throws IOException if the file cannot be read, or holds no certificate; the message names the file
     */
    public static Tls client(Path issuers) throws IOException {
        return of(context(null, null, issuers));
    }

    /**
     * {@return settings of a client that also shows a certificate of its own}
     *
     * @param issuers a PEM file, as for {@link #client(Path)}
     * @param certificates a PEM file with the client's certificate, followed by those of its issuers
     * @param key a PEM file with the private key, as for {@link #server(Path, Path)}
     * @throws IOException as for {@link #server(Path, Path)}
     */
    public static Tls client(Path issuers, Path certificates, Path key) throws IOException {
        return of(context(certificates, key, issuers));
    }

    /**
     * {@return these settings for a client whose server has this name in its certificate} By default, the certificate
     * must be for the IP address that the client connects to, since a transport does not see the name that was
     * resolved. A Unix socket has no IP address, so it needs a name.
     *
     * @param name a host name or an IP address
     */
    public Tls withServerName(String name) {
        return new Tls(context, name, needsClientCertificate);
    }

    /**
     * {@return a transport whose connections speak TLS over another transport} A loop with this transport listens for
     * TLS clients, and connects to TLS servers.
     *
     * @param transport the transport below, such as {@code nio}
     */
    public Transport over(Transport transport) {
        return new TlsTransport(transport, this);
    }

    SSLEngine serverEngine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = parameters(engine);
        parameters.setNeedClientAuth(needsClientCertificate);
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Returns an engine that checks the name of the server. With the name and port, it can resume earlier sessions. */
    SSLEngine clientEngine(SocketAddress endpoint) throws IOException {
        String name = serverName;
        int port = -1;
        if (endpoint instanceof InetSocketAddress inet) {
            name = name == null ? inet.getHostString() : name;
            port = inet.getPort();
        }
        if (name == null) {
            throw new IOException("the address names no host, so TLS does not know which server it should be;"
                    + " set Tls.withServerName");
        }
        SSLEngine engine = context.createSSLEngine(name, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = parameters(engine);
        parameters.setEndpointIdentificationAlgorithm(
                "HTTPS"); // RFC 9110, section 4.3.4: the subject's alternative names
        if (!name.contains(":") && !name.matches("[0-9.]+")) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static SSLParameters parameters(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        return parameters;
    }

    private static SSLContext context(@Nullable Path certificates, @Nullable Path key, @Nullable Path issuers)
            throws IOException {
        try {
            KeyManager[] keys = certificates == null || key == null
                    ? new KeyManager[0]
                    : new KeyManager[] {new SingleKeyManager(Pem.certificates(certificates), Pem.privateKey(key))};
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, issuers == null ? null : trusting(Pem.certificates(issuers)), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the settings of TLS cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trusting(List<X509Certificate> issuers) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < issuers.size(); i++) {
            store.setCertificateEntry("issuer" + i, issuers.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }
}
