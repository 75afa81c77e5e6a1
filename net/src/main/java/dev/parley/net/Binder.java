package dev.parley.net;

import dev.parley.net.core.LoopThread;
import dev.parley.net.core.Uninterrupted;
import dev.parley.net.host.PortOwner;
import dev.parley.net.mem.MemAddress;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Binds what an address names: one socket, or one for each IP address of a host. An endpoint that is taken, though no
 * process can be seen to hold it, is tried again for half a second, except on the thread of a loop.
 *
 * @param transport binds
 * @param options of each socket
 * @param hostResolver finds the IP addresses of a name
 */
record Binder(Transport transport, SocketOptions options, HostResolver hostResolver) {
    /** Port 0 picks a port on the first loopback; the second may find it taken, and then all start again. */
    private static final int SAME_PORT_ATTEMPTS = 10;

    /** The attempts in such a case, with a pause before each but the first: half a second in all. */
    private static final int ATTEMPTS_WHERE_NOBODY_IS = 51;

    private static final long PAUSE_MILLIS = 10;

    List<ServerChannel> bindAll(Address address) throws BindFailedException {
        return switch (address) {
            case Address.Tcp tcp -> bindTcp(tcp);
            case Address.Unix unix -> List.of(bind(unix, UnixDomainSocketAddress.of(unix.path())));
            case Address.Mem mem -> List.of(bind(mem, new MemAddress(mem.name())));
        };
    }

    private List<ServerChannel> bindTcp(Address.Tcp address) throws BindFailedException {
        List<InetAddress> ips;
        try {
            ips = HostResolver.addressesOf(address.host(), hostResolver);
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

    /** Binds all addresses or none; an address family that this host does not have is left out if another is there. */
    private List<ServerChannel> bindSamePort(Address.Tcp address, List<InetAddress> ips) throws BindFailedException {
        var bound = new ArrayList<ServerChannel>();
        BindFailedException skipped = null;
        int port = address.port();
        for (InetAddress ip : ips) {
            try {
                ServerChannel channel = bind(address, new InetSocketAddress(ip, port));
                bound.add(channel);
                if (ip.isAnyLocalAddress()) {
                    break; // IPv6's takes IPv4 too: a second one would find the port taken
                }
                port = ((InetSocketAddress) channel.localAddress()).getPort();
            } catch (BindFailedException e) {
                if (ips.size() == 1 || !isMissingFamily(e)) {
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

    private static boolean isMissingFamily(BindFailedException e) {
        return e.networkError() == NetworkError.ADDRESS_NOT_HERE || e.networkError() == NetworkError.NO_SUCH_FAMILY;
    }

    private ServerChannel bind(Address address, SocketAddress endpoint) throws BindFailedException {
        for (int left = ATTEMPTS_WHERE_NOBODY_IS - 1; ; left--) {
            try {
                return transport.bind(endpoint, options);
            } catch (IOException e) {
                if (left == 0 || !LoopThread.mayBlock() || !isHeldByNobody(endpoint, e)) {
                    throw BindFailedException.binding(address, endpoint, e);
                }
                var pause = new CountDownLatch(1);
                Uninterrupted.run(() -> pause.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
            }
        }
    }

    /**
     * Returns true if no process holds the endpoint. A process that was killed ends before the system has closed all
     * that its rings had open.
     */
    private static boolean isHeldByNobody(SocketAddress endpoint, IOException cause) {
        boolean mayPass = endpoint instanceof InetSocketAddress || endpoint instanceof UnixDomainSocketAddress;
        return mayPass
                && LocalAddresses.networkErrorOfBind(endpoint, cause) == NetworkError.ADDRESS_IN_USE
                && PortOwner.of(endpoint).isEmpty();
    }
}
