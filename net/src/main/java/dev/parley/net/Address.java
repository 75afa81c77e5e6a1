package dev.parley.net;

import dev.parley.net.mem.MemAddress;
import dev.parley.net.text.IpText;
import dev.parley.net.text.SafeText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An address says where to listen or connect. This type parses and prints all its forms. Addresses are values: they are
 * immutable, equal if their parts are equal, and any thread may use them.
 *
 * <p>The forms are {@code tcp://host:port}, where the host is a name, an IPv4 address, an IPv6 address in brackets, or
 * {@code *}, which means every interface and is only for listening; {@code tls://host:port}, which is the same with TLS
 * (RFC 8446) on each connection; {@code unix:/path}; and {@code mem:name}, which works inside one process. Listening on
 * port 0 listens on any free port. An address does not resolve names, and does not try to connect.
 *
 * {@snippet :
 * Address address = Address.parse("tcp://localhost:65432");
 * if (address instanceof Address.Tcp tcp && tcp.isLoopback()) {
 *     System.out.println(tcp.host() + " and " + tcp.port()); // localhost and 65432
 * }
 * Address socket = Address.Unix.of("/run/app/socket");
 * System.out.println(socket); // unix:/run/app/socket
 * }
 */
public sealed interface Address {
    /** The address that every command and example uses if none is given. */
    String DEFAULT = "tcp://localhost:65432";

    /** Returns the text that {@link #parse} reads back as an equal address. */
    @Override
    String toString();

    /**
     * Reads an address.
     *
     * @param text an address in one of the forms above, whose scheme is in small letters
     * @return the address; an IPv6 address is in its shortest form (RFC 5952)
     * @throws AddressException if the text is not an address; the message says what was seen and what is allowed
     */
    static Address parse(String text) {
        return AddressParser.parse(text);
    }

    /**
     * {@return the address of a resolved endpoint; the host of a TCP endpoint is its IP address} A peer on a Unix
     * socket may have bound its own end to a path that {@link Unix} does not allow, such as one that is too long. Such
     * a path becomes the empty path, which means that the end has no name.
     *
     * @param endpoint a {@link InetSocketAddress}, {@link UnixDomainSocketAddress} or {@link MemAddress}
     * @throws IllegalArgumentException for an endpoint of another kind
     */
    static Address of(SocketAddress endpoint) {
        return switch (endpoint) {
            case InetSocketAddress inet -> new Tcp(hostOf(inet), inet.getPort());
            case UnixDomainSocketAddress unix -> Unix.ofPeer(unix.getPath());
            case MemAddress mem -> new Mem(mem.name());
            default -> throw new IllegalArgumentException("no address form for " + endpoint.getClass());
        };
    }

    private static String hostOf(InetSocketAddress endpoint) {
        InetAddress ip = endpoint.getAddress();
        return ip == null ? endpoint.getHostString() : IpText.of(ip);
    }

    /** An address with a host and a port: {@link Tcp} or {@link Tls}. */
    sealed interface Inet extends Address {
        /** {@return the host: a name, an IP address without brackets, or {@code *}} */
        String host();

        /** {@return the port, 0 to 65,535; 0 is only for listening} */
        int port();

        /**
         * {@return whether only this host can reach the address: the host is {@code localhost}, in 127.0.0.0/8, or ::1}
         * Names are not looked up: any other name counts as reachable from other hosts.
         */
        default boolean isLoopback() {
            return IpText.isLoopback(host());
        }

        private static void check(String scheme, String host, int port) {
            Objects.requireNonNull(host);
            if (port < 0 || port > 65_535) {
                throw new AddressException(
                        scheme + "://" + SafeText.text(host) + ":" + port, "port " + port + " is outside 0 to 65535");
            }
        }

        private static String text(String scheme, String host, int port) {
            return scheme + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * A TCP address. Only {@link Address#parse} checks the form of the host.
     *
     * @param host a name, an IP address without brackets, or {@code *}
     * @param port 0 to 65,535; 0 is only for listening
     */
    record Tcp(String host, int port) implements Inet {
        /**
         * Checks the range of the port.
         *
         * @throws AddressException if the port is outside 0 to 65,535
         */
        public Tcp {
            Inet.check("tcp", host, port);
        }

        @Override
        public String toString() {
            return Inet.text("tcp", host, port);
        }
    }

    /**
     * A TCP address whose connections speak TLS. A client checks that the server's certificate is for this host. Only
     * {@link Address#parse} checks the form of the host.
     *
     * @param host a name, an IP address without brackets, or {@code *}
     * @param port 0 to 65,535; 0 is only for listening
     */
    record Tls(String host, int port) implements Inet {
        /**
         * Checks the range of the port.
         *
         * @throws AddressException if the port is outside 0 to 65,535
         */
        public Tls {
            Inet.check("tls", host, port);
        }

        @Override
        public String toString() {
            return Inet.text("tls", host, port);
        }
    }

    /**
     * A Unix domain socket (unix(7)).
     *
     * @param path the path of the socket's file, at most 106 bytes in UTF-8, because the JDK allows one byte less than
     *     the 107 of unix(7); an empty path means the unnamed end of a peer that connected
     */
    record Unix(Path path) implements Address {
        private static final int PATH_BYTES_MAX = 106;
        private static final String IS_DIRECTORY = "it names a directory; write the name of the socket's file";

        /**
         * Checks that the path can be the path of a socket's file.
         *
         * @throws AddressException if the path is longer than 106 bytes, names a directory ({@code .}, {@code ..},
         *     {@code /}), or begins with {@code @}, which marks an abstract name in other programs
         */
        public Unix {
            String reason = whyNot(path);
            if (reason != null) {
                throw new AddressException("unix:" + SafeText.text(path.toString()), reason);
            }
        }

        private static @Nullable String whyNot(Path path) {
            int bytes = bytesOf(path);
            Path last = path.getFileName();
            if (bytes > PATH_BYTES_MAX) {
                return "the path is " + bytes + " bytes long; a Unix socket allows at most " + PATH_BYTES_MAX;
            }
            if (last == null || last.toString().equals(".") || last.toString().equals("..")) {
                return IS_DIRECTORY;
            }
            return path.toString().startsWith("@") ? noAbstractName(path.toString()) : null;
        }

        private static String noAbstractName(String path) {
            return "abstract names are not supported; for a file of that name write unix:./" + SafeText.text(path);
        }

        /**
         * {@return the address of a path given as text}
         *
         * @param path absolute, or relative to the working directory
         * @throws AddressException if the text is not a valid path on this system, is longer than 106 bytes, is the
         *     path of a directory (such as a path that ends with a slash), or is an abstract name, which begins with
         *     {@code @} or a zero character
         */
        public static Unix of(String path) {
            if (path.startsWith("\0")) {
                throw new AddressException("unix:" + SafeText.text(path), noAbstractName("@" + path.substring(1)));
            }
            if (path.endsWith("/")) {
                throw new AddressException("unix:" + SafeText.text(path), IS_DIRECTORY);
            }
            try {
                return new Unix(Path.of(path));
            } catch (InvalidPathException e) {
                throw new AddressException("unix:" + SafeText.text(path), "the path is not valid: " + e.getReason());
            }
        }

        /**
         * Returns the address of a peer's own end. A peer may have bound its end to any path. A path that is not valid
         * here becomes the empty path, which means that the end has no name.
         */
        private static Unix ofPeer(Path path) {
            return whyNot(path) == null ? new Unix(path) : new Unix(Path.of(""));
        }

        private static int bytesOf(Path path) {
            return path.toString().getBytes(StandardCharsets.UTF_8).length;
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /**
     * A name inside the process, for tests.
     *
     * @param name up to 64 letters, digits, '.', '-' and '_', which {@link Address#parse} checks; listening on the
     *     empty name listens on any free name
     */
    record Mem(String name) implements Address {
        @Override
        public String toString() {
            return "mem:" + name;
        }
    }
}
