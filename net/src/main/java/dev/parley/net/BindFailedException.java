package dev.parley.net;

import dev.parley.net.host.PortOwner;
import dev.parley.net.mem.MemAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Thrown if it is not possible to listen on an address. The message says which address, why, and what to do, such as if
 * the port is in use or needs privileges; the cause is the system's own error (bind(2), listen(2)).
 */
public final class BindFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Address address;
    private final NetworkError networkError;

    private BindFailedException(Address address, NetworkError networkError, String message, IOException cause) {
        super(message, cause);
        this.address = address;
        this.networkError = networkError;
    }

    static BindFailedException resolving(Address address, IOException cause) {
        return new BindFailedException(
                address,
                NetworkError.HOST_NOT_FOUND,
                "cannot listen on " + address
                        + ": host not found; check the spelling, or use localhost or an IP address",
                cause);
    }

    /**
     * {@return the failure of a server that cannot become a part of something larger, such as a cluster}
     *
     * @param address the address at which it was to listen
     * @param cause why, in a sentence for people
     */
    public static BindFailedException joining(Address address, IOException cause) {
        return new BindFailedException(
                address, NetworkError.OTHER, "the server cannot join its cluster: " + cause.getMessage(), cause);
    }

    static BindFailedException binding(Address address, SocketAddress endpoint, IOException cause) {
        NetworkError networkError = LocalAddresses.networkErrorOfBind(endpoint, cause);
        String where = Address.of(endpoint).equals(address) ? "" : " (at " + Address.of(endpoint) + ")";
        String what = networkError == NetworkError.OTHER ? String.valueOf(cause.getMessage()) : networkError.text();
        return new BindFailedException(
                address,
                networkError,
                "cannot listen on " + address + where + ": " + what + hint(networkError, endpoint, cause),
                cause);
    }

    private static String hint(NetworkError networkError, SocketAddress endpoint, IOException cause) {
        return switch (networkError) {
            case ADDRESS_IN_USE ->
                PortOwner.of(endpoint)
                        .map(owner -> ", held by " + owner + "; " + stop(owner) + ", or " + another(endpoint))
                        .orElseGet(() -> heldByAnotherUser(endpoint) + "; " + another(endpoint));
            case NO_LOCAL_PORT -> "; close some listeners or connections, or widen net.ipv4.ip_local_port_range";
            case NO_SUCH_FAMILY -> "; listen on 127.0.0.1, or let the JVM use IPv6 (java.net.preferIPv4Stack)";
            case ADDRESS_NOT_HERE -> "; use localhost, * for every interface, or one of this host's own addresses";
            case PERMISSION_DENIED ->
                endpoint instanceof InetSocketAddress inet
                        ? forbidden(inet.getPort())
                        : "; choose a path where no socket of another user is, in a directory that you may write to";
            case PATH_EXISTS -> "; " + reason(cause) + ": choose another path or remove it";
            case NO_SUCH_PATH -> "; create the directory first";
            case TOO_MANY_OPEN_FILES -> "; raise the limit with ulimit -n";
            default -> "";
        };
    }

    private static String heldByAnotherUser(SocketAddress endpoint) {
        return PortOwner.isHeldByAnotherUser(endpoint) ? ", held by a process of another user" : "";
    }

    private static String forbidden(int port) {
        return port > 0 && port < 1024
                ? "; ports below 1024 need privileges: use a higher one"
                : "; the sandbox of this program, or a policy of this host, forbids it";
    }

    private static String stop(PortOwner.Owner owner) {
        if (!owner.isThisProcess()) {
            return "stop that process";
        }
        return owner.listens() ? "close the listener that has it" : "close that connection";
    }

    private static String another(SocketAddress endpoint) {
        if (endpoint instanceof MemAddress) {
            return "listen on 'mem:' for a free name";
        }
        return endpoint instanceof InetSocketAddress ? "listen on port 0 for a free one" : "choose another path";
    }

    private static String reason(IOException cause) {
        return cause instanceof java.nio.file.FileSystemException file && file.getReason() != null
                ? file.getReason()
                : "something else is there";
    }

    /** {@return the address that the caller asked to listen on; null after serialization} */
    public Address address() {
        return address;
    }

    /** {@return the reason why the address could not be bound} */
    public NetworkError networkError() {
        return networkError;
    }
}
