package dev.parley.net.proxy;

import dev.parley.net.transport.RefusedPeerException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says which proxies stand in front of the listeners of a loop. Each connection at a {@code tcp://} or {@code tls://}
 * address must then come from one of them, and must begin with a header of the PROXY protocol, version 1 or 2, which
 * comes before the handshake of TLS. All others are refused: whether there is a header is never guessed. Immutable.
 *
 * {@snippet :
 * EventLoop loop = EventLoop.builder()
 *         .proxyProtocol(ProxyProtocol.from("10.0.7.0/24", "127.0.0.1"))
 *         .start();
 * }
 *
 * <p>What a header says is claimed, and nothing else: {@link dev.parley.net.ConnectionInfo#claimedAddress} returns it,
 * and {@code peerAddress} stays the address of the proxy.
 */
public final class ProxyProtocol {
    private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(5);

    private final List<AddressBlock> sources;
    private final Duration headerTimeout;

    private ProxyProtocol(List<AddressBlock> sources, Duration headerTimeout) {
        this.sources = sources;
        this.headerTimeout = headerTimeout;
    }

    /**
     * {@return settings that accept connections of these proxies}
     *
     * @param blocks IP addresses, or blocks of them such as {@code 10.0.0.0/8}; at least one
     * @throws IllegalArgumentException if there is none, or one is not a block of addresses
     */
    public static ProxyProtocol from(String... blocks) {
        if (blocks.length == 0) {
            throw new IllegalArgumentException("the PROXY protocol needs the addresses of the proxies");
        }
        return new ProxyProtocol(Stream.of(blocks).map(AddressBlock::parse).toList(), HEADER_TIMEOUT);
    }

    /** {@return how long a proxy may take for its whole header; default 5 s} */
    public Duration headerTimeout() {
        return headerTimeout;
    }

    /**
     * {@return these settings with another header timeout}
     *
     * @param timeout above zero; HAProxy's specification asks for 3 s at least, because a lost packet is sent again
     *     after that time
     * @throws IllegalArgumentException if the timeout is zero or negative
     */
    public ProxyProtocol withHeaderTimeout(Duration timeout) {
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("headerTimeout is " + timeout + "; it must be above zero");
        }
        return new ProxyProtocol(sources, timeout);
    }

    /** Throws if this peer is not one of the proxies. */
    void check(SocketAddress peer) throws RefusedPeerException {
        if (!(peer instanceof InetSocketAddress inet)
                || sources.stream().noneMatch(each -> each.contains(inet.getAddress()))) {
            throw new RefusedPeerException("it is not a proxy of the PROXY protocol; allowed is " + this);
        }
    }

    /** {@return the addresses of the proxies, such as {@code 10.0.0.0/8, 127.0.0.1/32}} */
    @Override
    public String toString() {
        return sources.stream().map(AddressBlock::toString).collect(Collectors.joining(", "));
    }
}
