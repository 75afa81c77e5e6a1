package dev.parley.net;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds out whether an error of bind(2) or connect(2) means that no local port is free. The error number alone does not
 * show this. If a connect fails with EADDRNOTAVAIL although this host has an address from which the target can be
 * reached, no local port is free. If a bind to port 0 fails with EADDRINUSE, no local port is free either.
 */
final class LocalAddresses {
    private LocalAddresses() {}

    /** Returns the reason for the failure of a connect(2) to this endpoint. */
    static NetworkError networkErrorOfConnect(SocketAddress endpoint, IOException cause) {
        NetworkError networkError = NetworkError.of(cause);
        boolean isOfPorts = networkError == NetworkError.ADDRESS_NOT_HERE
                && endpoint instanceof InetSocketAddress inet
                && hasSourceFor(inet.getAddress());
        return isOfPorts ? NetworkError.NO_LOCAL_PORT : networkError;
    }

    /** Returns the reason for the failure of a bind(2) to this endpoint. */
    static NetworkError networkErrorOfBind(SocketAddress endpoint, IOException cause) {
        NetworkError networkError = NetworkError.of(cause);
        boolean asksForAny = endpoint instanceof InetSocketAddress inet && inet.getPort() == 0;
        return asksForAny && networkError == NetworkError.ADDRESS_IN_USE ? NetworkError.NO_LOCAL_PORT : networkError;
    }

    /** Returns true if this host has an address from which the target can be reached. */
    private static boolean hasSourceFor(InetAddress target) {
        boolean wants4 = target instanceof Inet4Address;
        return anyIs(each ->
                wants4 == each instanceof Inet4Address && each.isLoopbackAddress() == target.isLoopbackAddress());
    }

    /** Returns true if this host has an address of IPv6. */
    static boolean hasIpv6() {
        return anyIs(Inet6Address.class::isInstance);
    }

    private static boolean anyIs(Predicate<InetAddress> wanted) {
        try (Stream<InetAddress> all = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)) {
            return all.anyMatch(wanted);
        } catch (SocketException noneAtAll) {
            return false;
        }
    }
}
