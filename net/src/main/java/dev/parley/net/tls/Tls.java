package dev.parley.net.tls;

import dev.parley.net.time.Ticker;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The settings of TLS: which versions, cipher suites and groups are offered, which certificate this side shows, and
 * which ones it accepts of its peers. Connections at
 * {@code tls://} addresses use them. TLS 1.3 is used (RFC 8446), and TLS 1.2 only if it is {@linkplain
 * Builder#allowTls12 allowed}. A client checks that the server's certificate is for the host of its address.
 * Immutable; any thread may use it, and any number of loops, servers and clients may share it.
 *
 * {@snippet :
 * Tls tls = Tls.builder()
 *         .certificate(Path.of("server.pem"), Path.of("server-key.pem"))
 *         .build();
 * Server server = Server.builder()
 *         .tls(tls)
 *         .otherwise(request -> request)
 *         .listen("tls://localhost:65432");
 * }
 *
 * <p>Files are read again after they have changed, at the latest a second later: handshakes that begin then use the new
 * certificates, and connections that are open stay open. If the new files cannot be used, the earlier ones stay in use,
 * and the loop's observer is warned.
 */
public final class Tls {
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
    private static final String[] ONLY_13 = {"TLSv1.3"};
    private static final String[] ALSO_12 = {"TLSv1.3", "TLSv1.2"};

    /** Suites with forward secrecy and authenticated encryption; the cheapest first. */
    private static final List<String> SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Elliptic curves alone: a handshake in one of the large finite fields would cost an attacker less than us. */
    private static final String[] GROUPS = {"x25519", "secp256r1", "secp384r1", "secp521r1"};

    private final TlsContext context;
    private final boolean hasCertificate;
    private final boolean asksClients;

    /** True if the trust manager compares the host with the certificate; one of the caller's own may not. */
    private final boolean checksNames;

    private final boolean allowsTls12;
    private final @Nullable String serverName;
    private final Duration handshakeTimeout;
    private final List<String> applicationProtocols;

    private Tls(TlsContext context, Builder settings, List<String> applicationProtocols) {
        this.context = context;
        this.applicationProtocols = List.copyOf(applicationProtocols);
        hasCertificate = !settings.keys.isEmpty() || settings.given != null;
        asksClients = settings.clientAuthorities != null;
        checksNames = settings.given == null;
        allowsTls12 = settings.allowsTls12;
        serverName = settings.serverName;
        handshakeTimeout = settings.handshakeTimeout;
    }

    private Tls(Tls other, List<String> applicationProtocols) {
        context = other.context;
        hasCertificate = other.hasCertificate;
        asksClients = other.asksClients;
        checksNames = other.checksNames;
        allowsTls12 = other.allowsTls12;
        serverName = other.serverName;
        handshakeTimeout = other.handshakeTimeout;
        this.applicationProtocols = List.copyOf(applicationProtocols);
    }

    /** {@return the default settings: a client accepts the servers that the JDK accepts, and shows no certificate} */
    public static Tls ofJdk() {
        return OfJdk.SETTINGS;
    }

    /** Made at the first use, since a program without TLS does not need it. */
    private static final class OfJdk {
        static final Tls SETTINGS = made();

        private static Tls made() {
            try {
                return builder().build();
            } catch (IOException e) {
                throw new IllegalStateException("the JDK has no TLS", e);
            }
        }
    }

    /** {@return settings, each of which has a default} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return these settings with application protocols, unless they name some already} A layer that speaks one
     * protocol adds it in this way.
     *
     * @param protocols see {@link Builder#applicationProtocols}
     */
    public Tls withDefaultApplicationProtocols(String... protocols) {
        return applicationProtocols.isEmpty() ? new Tls(this, List.of(protocols)) : this;
    }

    /**
     * {@return what shows a certificate, for TLS that Parley does not speak itself} A client of another protocol gives
     * it to its {@link javax.net.ssl.SSLContext}. The files are read once. Any thread may use the result.
     *
     * @param certificates a PEM file, as for {@link Builder#certificate(Path, Path)}
     * @param key a PEM file with its private key; it may be the same file, and every user must not be able to read it
     * @throws IOException if a file cannot be used, or the key is not that of the certificate; the message names the
     *     file
     */
    public static X509ExtendedKeyManager keyManager(Path certificates, Path key) throws IOException {
        return new OwnKeyManager(List.of(new KeyFiles(certificates, key, null).read()));
    }

    /** {@return whether this side has a certificate to show, which a server needs} */
    public boolean hasCertificate() {
        return hasCertificate;
    }

    /**
     * {@return a transport whose connections all speak TLS over another transport} It is for Unix sockets and {@code
     * mem:} addresses; at TCP, a {@code tls://} address does the same. If a loop listens, its observer is warned about
     * files that cannot be used, and about certificates that expire soon; if a loop connects, it is not.
     *
     * @param transport the transport below, such as {@code nio}
     */
    public Transport over(Transport transport) {
        return over(transport, Ticker.SYSTEM);
    }

    /**
     * {@return a transport as {@link #over(Transport)} returns it, for loops with a clock of their own}
     *
     * @param transport the transport below
     * @param ticker the ticker of the loops; if it is not that of the system, but that of a simulation, the expensive
     *     steps of a handshake run on the loop's thread, so that they take none of its time
     */
    public Transport over(Transport transport, Ticker ticker) {
        return new TlsTransport(transport, this, ticker);
    }

    TlsContext context() {
        return context;
    }

    Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    SSLEngine serverEngine() {
        SSLEngine engine = context.current().createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = parameters(engine);
        if (asksClients) {
            parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /**
     * Returns an engine that checks the name of the server. By the host and the port, it finds the session to resume.
     *
     * @param host the host of the address
     */
    SSLEngine clientEngine(String host, int port) {
        String name = CertificateNames.asInCertificates(serverName == null ? host : serverName);
        SSLEngine engine = context.current().createSSLEngine(name, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = parameters(engine);
        Optional<List<SNIServerName>> asked = serverNames(name);
        asked.ifPresent(parameters::setServerNames);
        // RFC 9110, section 4.3.4: the subject's alternative names. The JDK refuses a host with an underscore, for
        // which a certificate may be all the same, so our own trust manager alone compares it.
        if (asked.isPresent() || CertificateNames.isIp(name) || !checksNames) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Returns the names to ask for (SNI). An IP address is not one, and a name with an underscore cannot be one. */
    private static Optional<List<SNIServerName>> serverNames(String name) {
        try {
            return CertificateNames.isIp(name) ? Optional.empty() : Optional.of(List.of(new SNIHostName(name)));
        } catch (IllegalArgumentException notAllowed) {
            return Optional.empty();
        }
    }

    private SSLParameters parameters(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(allowsTls12 ? ALSO_12 : ONLY_13);
        List<String> supported = List.of(engine.getSupportedCipherSuites());
        parameters.setCipherSuites(SUITES.stream().filter(supported::contains).toArray(String[]::new));
        parameters.setUseCipherSuitesOrder(true);
        parameters.setNamedGroups(GROUPS);
        parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
        return parameters;
    }

    /** Collects settings of TLS. It is not thread-safe. */
    public static final class Builder {
        private final List<KeyFiles> keys = new ArrayList<>();
        private @Nullable Path authorities;
        private @Nullable Path clientAuthorities;
        private @Nullable SSLContext given;
        private boolean allowsTls12;
        private @Nullable String serverName;
        private Duration handshakeTimeout = HANDSHAKE_TIMEOUT;
        private List<String> applicationProtocols = List.of();

        private Builder() {}

        /**
         * Adds a certificate that this side shows. A server needs at least one. If it has several, a client gets the
         * first one for the name that it wants (SNI, RFC 6066), or else the first one of all.
         *
         * @param certificates a PEM file with the certificate, followed by those of its issuers, without the
         *     authority's own
         * @param key a PEM file with the private key of the first certificate: PKCS#8, PKCS#1 (RSA) or SEC1 (EC). It
         *     may be the same file; it must not be readable by every user
         * @return this builder
         */
        public Builder certificate(Path certificates, Path key) {
            keys.add(new KeyFiles(certificates, key, null));
            return this;
        }

        /**
         * Adds a certificate whose key is encrypted; see {@link #certificate(Path, Path)}.
         *
         * @param certificates a PEM file
         * @param key a PEM file with an encrypted PKCS#8 key
         * @param password the password of the key
         * @return this builder
         */
        public Builder certificate(Path certificates, Path key, String password) {
            keys.add(new KeyFiles(certificates, key, new KeyFiles.Password(password)));
            return this;
        }

        /**
         * Adds a certificate from a PKCS#12 file; see {@link #certificate(Path, Path)}.
         *
         * @param file a file with one private key and its certificates, whose name ends with {@code .p12} or {@code
         *     .pfx}
         * @param password the password of the file; empty if there is none
         * @return this builder
         */
        public Builder pkcs12(Path file, String password) {
            keys.add(new KeyFiles(file, null, new KeyFiles.Password(password)));
            return this;
        }

        /**
         * Sets the certificate authorities whose servers a client accepts. By default, these are the ones that the JDK
         * trusts.
         *
         * @param file a PEM file with the certificates of the authorities
         * @return this builder
         */
        public Builder authorities(Path file) {
            authorities = file;
            return this;
        }

        /**
         * Makes a server ask each client for a certificate, and sets the authorities whose clients it accepts. By
         * default, clients need no certificate.
         *
         * @param file a PEM file with the certificates of the authorities
         * @return this builder
         */
        public Builder clientAuthorities(Path file) {
            clientAuthorities = file;
            return this;
        }

        /**
         * Allows TLS 1.2 as well (RFC 5246), with forward secrecy and authenticated encryption only. Two ends of this
         * library do not need it.
         *
         * @return this builder
         */
        public Builder allowTls12() {
            allowsTls12 = true;
            return this;
        }

        /**
         * Sets the name that the server's certificate must have. By default, it must have the host of the address. Use
         * this if the address has another name than the certificate, such as the IP address of a tunnel.
         *
         * @param name a host name, which may have letters beyond ASCII (IDN), or an IP address
         * @return this builder
         */
        public Builder serverName(String name) {
            serverName = Objects.requireNonNull(name);
            return this;
        }

        /**
         * Sets the application protocols (ALPN, RFC 7301), the preferred one first. If both sides name some and have
         * none in common, the handshake fails. By default, servers and clients of messages name {@code parley/1}, and
         * all others none.
         *
         * @param protocols such as {@code parley/1}
         * @return this builder
         */
        public Builder applicationProtocols(String... protocols) {
            applicationProtocols = List.of(protocols);
            return this;
        }

        /**
         * Sets the time after which a client that has connected must have ended its handshake; by default 10 seconds.
         * For a connect, {@link dev.parley.net.Limits#connectTimeout} includes the handshake.
         *
         * @param value more than zero
         * @return this builder
         * @throws IllegalArgumentException if the value is zero or less
         */
        public Builder handshakeTimeout(Duration value) {
            if (!value.isPositive()) {
                throw new IllegalArgumentException("a handshake timeout of " + value + "; it must be more than zero");
            }
            handshakeTimeout = value;
            return this;
        }

        /**
         * Sets a context of the caller's own, which has the keys and the trusted certificates. It alone judges the
         * certificates of peers. The JDK compares the server's name as for HTTPS: if the certificate has no alternative
         * names, the common name of its subject counts.
         *
         * @param value an initialized context
         * @return this builder
         */
        public Builder context(SSLContext value) {
            given = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Reads the files.
         *
         * @return the settings
         * @throws IOException if a file cannot be read, does not hold what it should, or has a key that does not belong
         *     to its certificate; the message names the file
         * @throws IllegalStateException if there is a context of the caller's own, and files as well
         */
        public Tls build() throws IOException {
            if (given == null) {
                return new Tls(
                        new TlsContext(List.copyOf(keys), authorities, clientAuthorities), this, applicationProtocols);
            }
            if (!keys.isEmpty() || authorities != null || clientAuthorities != null) {
                throw new IllegalStateException(
                        "the context has its own keys and authorities, so files have no effect");
            }
            return new Tls(new TlsContext(given), this, applicationProtocols);
        }
    }
}
