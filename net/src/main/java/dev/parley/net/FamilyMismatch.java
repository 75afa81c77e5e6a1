package dev.parley.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * If a connect to a loopback address was refused, finds out whether a server listens on the same port in the other
 * address family (IPv4 or IPv6). If so, the message of the failed connect hints at that server. This class reads the
 * socket tables of Linux (proc(5)), and does not connect.
 */
final class FamilyMismatch {
    private static final String LISTEN = "0A";

    /**
     * The maximum number of bytes to read of a socket table. A table begins with the listening sockets, with one line
     * of about 150 bytes for each. The rest of the table may be long, and is not needed.
     */
    private static final int TABLE_BYTES_MAX = 64 * 1024;

    private static final String LOOPBACK_4 = "0100007F";
    private static final String ANY_4 = "00000000";
    private static final String LOOPBACK_6 = "00000000000000000000000001000000";
    private static final String ANY_6 = "00000000000000000000000000000000";

    private FamilyMismatch() {}

    /** Returns the address to try instead of a loopback address on which no socket listens; empty if none is found. */
    static Optional<Address> listening(Address asked, List<SocketAddress> refused) {
        if (refused.size() != 1
                || !(refused.getFirst() instanceof InetSocketAddress endpoint)
                || !endpoint.getAddress().isLoopbackAddress()) {
            return Optional.empty();
        }
        boolean was6 = endpoint.getAddress() instanceof Inet6Address;
        return was6
                ? found(asked, "/proc/net/tcp", List.of(LOOPBACK_4, ANY_4), "127.0.0.1", endpoint.getPort())
                : found(asked, "/proc/net/tcp6", List.of(LOOPBACK_6, ANY_6), "::1", endpoint.getPort());
    }

    private static Optional<Address> found(
            Address asked, String table, List<String> hostResolver, String host, int port) {
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        try (InputStream in = Files.newInputStream(Path.of(table))) {
            boolean there = new String(in.readNBytes(TABLE_BYTES_MAX), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.trim().split("\\s+", -1))
                    .anyMatch(fields -> fields.length > 3
                            && fields[3].equals(LISTEN)
                            && hostResolver.stream().anyMatch(each -> fields[1].equals(each + suffix)));
            return there ? Optional.of(Endpoints.address(asked, host, port)) : Optional.empty();
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }
}
