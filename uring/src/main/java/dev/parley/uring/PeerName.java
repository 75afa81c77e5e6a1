package dev.parley.uring;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The address of an accepted connection's peer. Most of these addresses are never asked for, and in the JDK's form an
 * IPv4 address needs four objects of together a hundred bytes. So an IPv4 address is kept as two numbers until it is
 * asked for. Any thread may use it.
 */
final class PeerName {
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
