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
class PeerName {
    private final int ip;
    private final int port;
    private volatile @Nullable SocketAddress address;

    private PeerName(int ip, int port, @Nullable SocketAddress address) {
        this.ip = ip;
        this.port = port;
        this.address = address;
    }

    /** Creates the name of an IPv4 address, whose four bytes are passed in the order in which they lie in memory. */
    static PeerName ofIpv4(int ip, int port) {
        return new PeerName(ip, port, null);
    }

    static PeerName of(SocketAddress known) {
        return new PeerName(0, 0, known);
    }

    static PeerName ofUnix(SocketAddress known, PeerCredentials credentials) {
        return new OfUnix(known, credentials);
    }

    /** Returns who the process at the other end of a Unix socket is; empty for other sockets. */
    Optional<PeerCredentials> credentials() {
        return Optional.empty();
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

    /** The name of a Unix socket's peer. Only such a socket has credentials. */
    private static final class OfUnix extends PeerName {
        private final PeerCredentials credentials;

        OfUnix(SocketAddress known, PeerCredentials credentials) {
            super(0, 0, known);
            this.credentials = credentials;
        }

        @Override
        Optional<PeerCredentials> credentials() {
            return Optional.of(credentials);
        }
    }
}
