package dev.parley.net;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.stream.Stream;

/**
 * Which addresses this host has. EADDRNOTAVAIL is two things: of an address that is not here, and of a connect for
 * which no port is left; the call alone does not tell them apart.
 */
final class LocalAddresses {
    private LocalAddresses() {}

    /** The problem of a connect(2) to this endpoint. */
    static NetworkError networkErrorOfConnect(SocketAddress endpoint, IOException cause) {
        NetworkError networkError = NetworkError.of(cause);
        boolean isOfPorts = networkError == NetworkError.ADDRESS_NOT_HERE
                && endpoint instanceof InetSocketAddress inet
                && hasSourceFor(inet.getAddress());
        return isOfPorts ? NetworkError.NO_LOCAL_PORT : networkError;
    }

    /** The problem of a bind(2) to this endpoint. */
    static NetworkError networkErrorOfBind(SocketAddress endpoint, IOException cause) {
        NetworkError networkError = NetworkError.of(cause);
        boolean asksForAny = endpoint instanceof InetSocketAddress inet && inet.getPort() == 0;
        return asksForAny && networkError == NetworkError.ADDRESS_IN_USE ? NetworkError.NO_LOCAL_PORT : networkError;
    }

    /** Whether this host has an address from which that one can be reached. */
    private static boolean hasSourceFor(InetAddress target) {
        boolean wants4 = target instanceof Inet4Address;
        try (Stream<InetAddress> all = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)) {
            return all.anyMatch(each ->
                    wants4 == each instanceof Inet4Address && each.isLoopbackAddress() == target.isLoopbackAddress());
        } catch (SocketException noneAtAll) {
            return false;
        }
    }
}
