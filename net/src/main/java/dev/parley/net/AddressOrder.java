package dev.parley.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the addresses of a name in the order in which they are tried: RFC 8305, section 4. */
final class AddressOrder {
    /** The JDK's own setting; if it is not set, the JDK puts IPv4 first, against RFC 6724. */
    private static final String PREFERENCE = "java.net.preferIPv6Addresses";

    private AddressOrder() {}

    /**
     * Returns what the system's resolver found, with IPv6 first unless the user has asked the JDK for an order.
     *
     * @param preference the JDK's setting; null if it is not set
     */
    static List<InetAddress> preferred(List<InetAddress> found, @Nullable String preference) {
        if (preference != null) {
            return found;
        }
        var ordered = new ArrayList<InetAddress>(found.size());
        found.stream().filter(AddressOrder::isIpv6).forEach(ordered::add);
        found.stream().filter(ip -> !isIpv6(ip)).forEach(ordered::add);
        return ordered;
    }

    static List<InetAddress> preferred(List<InetAddress> found) {
        return preferred(found, System.getProperty(PREFERENCE));
    }

    /**
     * Returns one of each family in turn, beginning with the family that the resolver gave first: if a whole family
     * leads nowhere, the second attempt is of the other one.
     *
     * @return each address once; those of one family stay in their order
     */
    static List<InetAddress> interleaved(List<InetAddress> found) {
        Deque<InetAddress> first = new ArrayDeque<>();
        Deque<InetAddress> second = new ArrayDeque<>();
        for (InetAddress ip : found.stream().distinct().toList()) {
            boolean alike = isIpv6(ip) == isIpv6(found.getFirst());
            (alike ? first : second).add(ip);
        }
        var ordered = new ArrayList<InetAddress>(found.size());
        while (!first.isEmpty() && !second.isEmpty()) {
            ordered.add(first.remove());
            ordered.add(second.remove());
        }
        ordered.addAll(first);
        ordered.addAll(second);
        return ordered;
    }

    private static boolean isIpv6(InetAddress ip) {
        return ip instanceof Inet6Address;
    }
}
