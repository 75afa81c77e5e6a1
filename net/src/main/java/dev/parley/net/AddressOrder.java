package dev.parley.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides in which order a connect tries the IP addresses of a name (RFC 8305, section 4). */
final class AddressOrder {
    /** The JDK's own setting of the order. If it is not set, the JDK puts IPv4 first, contrary to RFC 6724. */
    private static final String PREFERENCE = "java.net.preferIPv6Addresses";

    private AddressOrder() {}

    /**
     * Returns the addresses that the system's resolver found. If the user has set the JDK's preference, they stay in
     * the JDK's order. Otherwise the IPv6 addresses come first.
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
     * Returns the addresses of the two families in alternation, beginning with the family of the first address found.
     * So if no address of one family can be reached, the second attempt already uses the other family.
     *
     * @return each address once; the addresses of one family stay in their order
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
