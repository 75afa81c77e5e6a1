package dev.parley.uring;

import dev.parley.net.transport.PeerCredentials;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The address of a connection's peer, and of a Unix peer the process. Most of these addresses are never asked for, and
 * in the JDK's form an IPv4 address needs four objects of together a hundred bytes. So an IPv4 address is kept as two
 * numbers until it is asked for. Any thread may use it.
 */
final class PeerName {
    private final int ip;
    private final int port;
    private final @Nullable PeerCredentials credentials;
    private volatile @Nullable SocketAddress address;

    private PeerName(int ip, int port, @Nullable SocketAddress address, @Nullable PeerCredentials credentials) {
        this.credentials = credentials;
        this.ip = ip;
        this.port = port;
        this.address = address;
    }

    /** Creates the name of an IPv4 address, whose four bytes are passed in the order in which they lie in memory. */
    static PeerName ofIpv4(int ip, int port) {
        return new PeerName(ip, port, null, null);
    }

    static PeerName of(SocketAddress known) {
        return new PeerName(0, 0, known, null);
    }

    static PeerName ofUnix(SocketAddress known, PeerCredentials credentials) {
        return new PeerName(0, 0, known, credentials);
    }

    /** Returns who the process at the other end of a Unix socket is; empty for other sockets. */
    Optional<PeerCredentials> credentials() {
        return Optional.ofNullable(credentials);
    }

    SocketAddress address() {
        SocketAddress known = address;
        if (known == null) {
            byte[] bytes = ByteBuffer.allocate(4)
                    .order(ByteOrder.nativeOrder())
                    .putInt(ip)
                    .array();
            try {
                known = new InetSocketAddress(InetAddress.getByAddress(bytes), port);
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException(impossible); // four bytes are always a valid address
            }
            address = known;
        }
        return known;
    }
}
