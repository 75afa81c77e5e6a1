package dev.parley.uring;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Who the peer of an accepted connection is. Most are never asked for, and an IPv4 address as the JDK has it is four
 * objects of a hundred bytes: so it is kept as two numbers until somebody asks. Any thread.
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

    /** An address of IPv4, as its four bytes lie in memory. */
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
                throw new IllegalStateException(impossible); // four bytes are an address
            }
            address = known;
        }
        return known;
    }
}
