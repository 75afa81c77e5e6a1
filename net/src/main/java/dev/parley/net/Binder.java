package dev.parley.net;

import dev.parley.net.core.LoopThread;
import dev.parley.net.core.Uninterrupted;
import dev.parley.net.host.PortOwner;
import dev.parley.net.mem.MemAddress;
import dev.parley.net.time.Ticker;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Binds the sockets of an address: one socket, or one for each IP address of a host name. If an endpoint is in use
 * although no process seems to hold it, the bind is tried again for half a second, except on the thread of a loop.
 *
 * @param transport binds the sockets
 * @param options the options of each socket
 * @param hostResolver finds the IP addresses of a host name
 */
record Binder(Transport transport, SocketOptions options, HostResolver hostResolver) {
    /**
     * The maximum number of attempts with port 0. The system picks a free port for the first IP address; if that port
     * is in use on the next IP address, all IP addresses are bound again, to another port.
     */
    private static final int SAME_PORT_ATTEMPTS = 10;

    /** The time in which a bind is tried again at an endpoint that no process seems to hold. */
    private static final long PATIENCE_NANOS = Duration.ofMillis(500).toNanos();

    private static final long PAUSE_MILLIS = 10;

    List<ServerChannel> bindAll(Address address) throws BindFailedException {
        return switch (address) {
            case Address.Inet inet -> bindInet(inet);
            case Address.Unix unix -> List.of(bind(unix, UnixDomainSocketAddress.of(unix.path())));
            case Address.Mem mem -> List.of(bind(mem, new MemAddress(mem.name())));
        };
    }

    private List<ServerChannel> bindInet(Address.Inet address) throws BindFailedException {
        List<InetAddress> ips;
        try {
            ips = HostResolver.addressesOf(address.host(), hostResolver).stream()
                    .distinct()
                    .toList();
        } catch (UnknownHostException e) {
            throw BindFailedException.resolving(address, e);
        }
        for (int attempt = 1; ; attempt++) {
            try {
                return bindSamePort(address, ips);
            } catch (BindFailedException e) {
                boolean again = address.port() == 0 && e.networkError() == NetworkError.ADDRESS_IN_USE;
                if (!again || attempt == SAME_PORT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * Binds all IP addresses or none. An address whose family this host does not have is left out if another one can be
     * bound.
     */
    private List<ServerChannel> bindSamePort(Address.Inet address, List<InetAddress> ips) throws BindFailedException {
        var bound = new ArrayList<ServerChannel>();
        BindFailedException skipped = null;
        int port = address.port();
        for (InetAddress ip : ips) {
            try {
                ServerChannel channel = bind(address, new InetSocketAddress(ip, port));
                bound.add(channel);
                if (ip.isAnyLocalAddress()) {
                    break; // the wildcard of IPv6 accepts IPv4 too, so a second wildcard would find the port in use
                }
                port = ((InetSocketAddress) channel.localAddress()).getPort();
            } catch (BindFailedException e) {
                if (ips.size() == 1 || !isMissingFamily(ip, e)) {
                    bound.forEach(ServerChannel::close);
                    throw e;
                }
                skipped = e;
            } catch (RuntimeException e) {
                bound.forEach(ServerChannel::close);
                throw e;
            }
        }
        if (bound.isEmpty() && skipped != null) {
            throw skipped;
        }
        return bound;
    }

    private static boolean isMissingFamily(InetAddress ip, BindFailedException e) {
        return e.networkError() == NetworkError.NO_SUCH_FAMILY
                || e.networkError() == NetworkError.ADDRESS_NOT_HERE
                        && ip instanceof Inet6Address
                        && !LocalAddresses.hasIpv6();
    }

    private ServerChannel bind(Address address, SocketAddress endpoint) throws BindFailedException {
        long endNanos = Ticker.SYSTEM.nanos() + PATIENCE_NANOS;
        while (true) {
            try {
                return transport.bind(endpoint, options);
            } catch (IOException e) {
                boolean isOver = Ticker.SYSTEM.nanos() - endNanos >= 0;
                if (isOver || !LoopThread.mayBlock() || !isHeldByNobody(endpoint, e)) {
                    throw BindFailedException.binding(address, endpoint, e);
                }
                var pause = new CountDownLatch(1);
                Uninterrupted.run(() -> pause.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
            }
        }
    }

    /**
     * Returns true if the endpoint is in use and no process seems to hold it. This happens for a short time after a
     * process was killed: the process is gone before the system has closed the sockets of its rings.
     */
    private static boolean isHeldByNobody(SocketAddress endpoint, IOException cause) {
        boolean mayPass = endpoint instanceof InetSocketAddress || endpoint instanceof UnixDomainSocketAddress;
        return mayPass
                && LocalAddresses.networkErrorOfBind(endpoint, cause) == NetworkError.ADDRESS_IN_USE
                && !PortOwner.isHeldByAnotherUser(endpoint)
                && PortOwner.of(endpoint).isEmpty();
    }
}
