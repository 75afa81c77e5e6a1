package dev.parley.net;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a connection, and gives its state. Any thread may call its methods. Only the library implements this
 * interface.
 */
public interface ConnectionInfo {
    /** {@return the connection's number, which no other connection of the process has; numbers rise from 1} */
    long id();

    /** {@return whether the peer connected to us; otherwise we connected to it} */
    boolean accepted();

    /** {@return the address of our end; while connecting, the address that the caller asked for} */
    Address localAddress();

    /**
     * {@return the address of the peer's end; while connecting, the address that the caller asked for} A Unix or {@code
     * mem:} peer that connected to us has no name.
     */
    Address peerAddress();

    /**
     * {@return the certificates that the peer has shown in the TLS handshake, which were verified, its own one first;
     * empty without TLS, or if it has shown none} A server asks its clients for a certificate if {@link
     * dev.parley.net.tls.Tls.Builder#clientAuthorities} is set.
     */
    List<X509Certificate> peerCertificates();

    /** {@return the state of the connection} */
    ConnectionState state();

    /**
     * {@return a map for what an application keeps with the connection} It is empty at first, and takes no memory until
     * this method is called. It lives as long as the connection.
     */
    ConcurrentMap<String, Object> attributes();

    /** {@return why the connection closed; null if it has not closed} */
    @Nullable
    CloseReason closeReason();
}
