package dev.parley.net;

import dev.parley.net.text.SafeText;
import dev.parley.net.transport.PeerCredentials;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
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
     * {@return the verified certificates of the peer, its own one first; empty without TLS, or if it has shown none}
     * They lead from the peer's own certificate to an authority; what the peer has sent besides is left out. With a
     * {@linkplain dev.parley.net.tls.Tls.Builder#context context of the caller's own}, it is the peer's own certificate
     * alone, since only that context knows which others it has verified. A server asks its clients for a certificate if
     * {@link dev.parley.net.tls.Tls.Builder#clientAuthorities} is set.
     */
    List<X509Certificate> peerCertificates();

    /**
     * {@return who the process at the other end of a Unix socket is, by the kernel (SO_PEERCRED in unix(7)); empty for
     * other connections, and if the system does not say it} Over the transport {@code nio}, the process id is not
     * known.
     */
    Optional<PeerCredentials> peerCredentials();

    /**
     * {@return the address of the client, as a trusted proxy in front of this server claims it (PROXY protocol); empty
     * if there is no such proxy, or if the connection is the proxy's own} Then {@link #peerAddress} is the proxy's. See
     * {@link EventLoop.Builder#proxyProtocol}.
     */
    Optional<Address> claimedAddress();

    /**
     * {@return whether the peer is on this host: it is at a loopback address, a Unix socket or inside this process, and
     * does not pass on another one's connection (PROXY protocol)} It may still be a program that passes connections on
     * without saying so.
     */
    default boolean isPeerOnThisHost() {
        return claimedAddress().isEmpty() && (!(peerAddress() instanceof Address.Inet inet) || inet.isLoopback());
    }

    /**
     * {@return who the peer is, in words for a log, in one line that is safe for a terminal: its address, and what is
     * known beyond it, such as {@code tcp://127.0.0.1:40222 (claims tcp://203.0.113.7:56324)} or {@code unix: (uid 33,
     * gid 33, pid 4242)}}
     */
    default String peerText() {
        String beyond = claimedAddress()
                .map(claimed -> " (claims " + claimed + ")")
                .or(() -> peerCredentials().map(known -> " (" + known + ")"))
                .orElse("");
        return SafeText.line(peerAddress()) + beyond;
    }

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
