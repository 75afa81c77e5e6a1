package dev.parley.net;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Resolves a host name to IP addresses. It is called only for names other than {@code localhost}, which always means
 * both loopback addresses (RFC 6761, section 6.3). IP addresses need no resolver.
 *
 * {@snippet :
 * HostResolver fixed = host -> List.of(InetAddress.ofLiteral("127.0.0.1"));
 * EventLoop loop = EventLoop.builder().hostResolver(fixed).start();
 * }
 *
 * <p>A resolver may block for as long as the system's resolver does, so it is never called on a loop's thread. For
 * {@code listen}, {@link #resolve} runs on the calling thread; for a connect, it runs on a thread of its own.
 */
@FunctionalInterface
public interface HostResolver {
    /**
     * The system's resolver, with the JDK's cache. IPv6 addresses come first (RFC 6724, section 2.1). But if the JDK's
     * property {@code java.net.preferIPv6Addresses} is set, the addresses come in the order for which it asks.
     */
    HostResolver SYSTEM = host -> AddressOrder.preferred(List.of(InetAddress.getAllByName(host)));

    /**
     * Returns the addresses of a name.
     *
     * @param host the name to look up; it is never empty, {@code localhost}, {@code *} or an IP address
     * @return the addresses in the order to try them, the preferred family first; a connect alternates between the
     *     families (RFC 8305, section 4); an empty list means that the name was not found
     * @throws UnknownHostException if the name has no address
     */
    List<InetAddress> resolve(String host) throws UnknownHostException;

    /**
     * {@return whether the host part of an address must be looked up: {@code localhost}, {@code *} and IP addresses
     * never are}
     *
     * @param host the host part, see {@link Address.Inet#host}
     */
    static boolean needsLookup(String host) {
        return !host.equalsIgnoreCase("localhost") && !host.equals("*") && !isLiteral(host);
    }

    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }

    /**
     * Returns the IP addresses of the host part of an address.
     *
     * @param host the host part, see {@link Address.Inet#host}
     * @param names the resolver, which is called if the host must be looked up
     * @return at least one address, in the order to try them
     * @throws UnknownHostException if there is no address
     */
    static List<InetAddress> addressesOf(String host, HostResolver names) throws UnknownHostException {
        if (host.equalsIgnoreCase("localhost")) {
            // RFC 6761 section 6.3: localhost is the loopback, even if a resolver would return something else.
            return List.of(Inet4Address.ofLiteral("127.0.0.1"), Inet6Address.ofLiteral("::1"));
        }
        if (host.equals("*")) {
            // An IPv6 socket on the wildcard accepts IPv4 too; the IPv4 wildcard is for a host without IPv6.
            return List.of(Inet6Address.ofLiteral("::"), Inet4Address.ofLiteral("0.0.0.0"));
        }
        if (isLiteral(host)) {
            return List.of(InetAddress.ofLiteral(host));
        }
        List<InetAddress> found = names.resolve(host);
        if (found.isEmpty()) {
            throw new UnknownHostException(host);
        }
        return found;
    }

    /**
     * {@return whether the text is an IPv6 address, with or without a zone}
     *
     * @param text without brackets
     */
    static boolean isIpv6Literal(String text) {
        try {
            Inet6Address.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
