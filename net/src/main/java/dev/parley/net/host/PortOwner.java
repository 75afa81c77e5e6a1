package dev.parley.net.host;

import dev.parley.net.text.SafeText;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds the process that holds an endpoint, as far as Linux shows it (proc(5)). It finds the inode of the socket in
 * {@code /proc/net}, and then the process that has this inode open. Only root can see the processes of other users.
 */
public final class PortOwner {
    private static final String LISTEN = "0A";
    private static final int UID_FIELD = 7;
    private static final int INODE_FIELD = 9;

    /** The inode of a socket that no process holds any more, such as one in TIME_WAIT. */
    private static final String NO_INODE = "0";

    private static final String ROOT = "0";
    private static final Path PROC = Path.of("/proc");

    /**
     * The flag of a listening Unix socket. It is needed because the sockets that it has accepted show the same path.
     */
    private static final String UNIX_LISTENS = "00010000";

    private PortOwner() {}

    /**
     * A process that holds an endpoint.
     *
     * @param pid the number of the process
     * @param name the name of the process, as in {@code comm} of proc(5), unescaped
     * @param listens true if the process listens on the endpoint; false if the endpoint is the process's own end of a
     *     connection
     */
    public record Owner(long pid, String name, boolean listens) {
        /** {@return whether the owner is this process itself} */
        public boolean isThisProcess() {
            return pid == ProcessHandle.current().pid();
        }

        /** Returns a text such as {@code pid 4242, java}. */
        @Override
        public String toString() {
            String how = listens ? "" : ", for one end of a connection";
            return "pid " + pid + ", " + SafeText.text(name) + (isThisProcess() ? " (this process)" : "") + how;
        }
    }

    /**
     * {@return the process that holds the endpoint; empty if it cannot be found}
     *
     * @param endpoint an IP address with a port, or a Unix path
     */
    public static Optional<Owner> of(SocketAddress endpoint) {
        return of(endpoint, PROC);
    }

    /** Finds the process in another directory than {@code /proc}, for a test. */
    static Optional<Owner> of(SocketAddress endpoint, Path proc) {
        return socketAt(endpoint, proc).flatMap(found -> processWith(found, proc));
    }

    /**
     * {@return whether a process of another user holds the endpoint, so that {@link #of} cannot find it}
     *
     * @param endpoint an IP address with a port, or a Unix path
     */
    public static boolean isHeldByAnotherUser(SocketAddress endpoint) {
        return isHeldByAnotherUser(endpoint, PROC);
    }

    /** Asks another directory than {@code /proc}, for a test. */
    static boolean isHeldByAnotherUser(SocketAddress endpoint, Path proc) {
        String own = ownUid(proc);
        return !own.equals(ROOT)
                && socketAt(endpoint, proc)
                        .filter(found -> !found.inode().equals(NO_INODE))
                        .map(Found::uid)
                        .filter(uid -> !uid.isEmpty() && !uid.equals(own))
                        .isPresent();
    }

    /** Returns the number of this process's user. If it is unknown, that of root, who sees all processes. */
    private static String ownUid(Path proc) {
        try {
            return Files.getAttribute(proc.resolve("self"), "unix:uid").toString();
        } catch (IOException | UnsupportedOperationException notLinux) {
            return ROOT;
        }
    }

    /** Returns the socket that holds the endpoint; empty if there is none, or the system does not show it. */
    private static Optional<Found> socketAt(SocketAddress endpoint, Path proc) {
        try {
            return switch (endpoint) {
                case InetSocketAddress inet -> tcpSocket(inet, proc);
                case UnixDomainSocketAddress unix -> unixSocket(unix.getPath(), proc);
                default -> Optional.empty();
            };
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }

    /**
     * A socket that holds an endpoint.
     *
     * @param uid the number of its user; empty if it is unknown
     */
    private record Found(String inode, String uid, boolean listens) {}

    /**
     * Finds the socket that listens on the endpoint. If there is none, finds a connection whose own end has this
     * address and port.
     */
    private static Optional<Found> tcpSocket(InetSocketAddress asked, Path proc) throws IOException {
        Optional<Found> connected = Optional.empty();
        String suffix = String.format(Locale.ROOT, ":%04X", asked.getPort());
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : linesOf(proc.resolve(table))) {
                String[] fields = line.trim().split("\\s+", -1);
                if (isAt(fields, suffix, asked.getAddress())) {
                    var found = new Found(fields[INODE_FIELD], fields[UID_FIELD], fields[3].equals(LISTEN));
                    if (found.listens()) {
                        return Optional.of(found);
                    }
                    connected = Optional.of(found);
                }
            }
        }
        return connected;
    }

    /** Returns the lines of a table; none if the kernel does not have it, such as that of IPv6. */
    private static List<String> linesOf(Path table) throws IOException {
        try {
            return Files.readAllLines(table, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /**
     * Returns true if the socket prevents a bind to the address; a socket with the same port on another address does
     * not.
     */
    private static boolean isAt(String[] fields, String suffix, InetAddress asked) throws IOException {
        return fields.length > INODE_FIELD && fields[1].endsWith(suffix) && isInTheWay(addressOf(fields[1]), asked);
    }

    /** Returns true if the two addresses overlap. The wildcard address of IPv6 includes the IPv4 addresses. */
    private static boolean isInTheWay(InetAddress bound, InetAddress asked) {
        boolean sameFamily = bound instanceof Inet4Address == asked instanceof Inet4Address;
        if (bound.isAnyLocalAddress()) {
            return sameFamily || bound instanceof Inet6Address || asked.isAnyLocalAddress();
        }
        return bound.equals(asked) || asked.isAnyLocalAddress() && (sameFamily || asked instanceof Inet6Address);
    }

    /**
     * Reads the address from a field of the table: 32-bit words in the host's byte order, in hexadecimal, and then a
     * port.
     */
    private static InetAddress addressOf(String field) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(field.substring(0, field.indexOf(':')));
        if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            var words = ByteBuffer.wrap(bytes);
            for (int at = 0; at < bytes.length; at += Integer.BYTES) {
                words.putInt(at, Integer.reverseBytes(words.getInt(at)));
            }
        }
        return InetAddress.getByAddress(bytes);
    }

    /**
     * Finds the listening Unix socket. The table shows the path of bind(2), which for a Parley server lies in a private
     * directory next to its final path.
     */
    private static Optional<Found> unixSocket(Path path, Path proc) throws IOException {
        Path absolute = path.toAbsolutePath();
        var bound = Pattern.compile(Pattern.quote(absolute.getParent() + "/") + "(\\.p[0-9a-f]{6}/)?"
                + Pattern.quote(absolute.getFileName() + ""));
        for (String line : linesOf(proc.resolve("net/unix"))) {
            String[] fields = line.trim().split("\\s+", 8);
            boolean listens = fields.length == 8 && fields[3].equals(UNIX_LISTENS);
            if (listens && bound.matcher(fields[7]).matches()) {
                return Optional.of(new Found(fields[6], uidOf(absolute), true));
            }
        }
        return Optional.empty();
    }

    /** Returns the user of a socket's file, because the table does not say it; empty if it is unknown. */
    private static String uidOf(Path socket) {
        try {
            return Files.getAttribute(socket, "unix:uid").toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    private static Optional<Owner> processWith(Found found, Path proc) {
        String wanted = "socket:[" + found.inode() + "]";
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process, wanted)) {
                    // The kernel cuts the name after 15 bytes, which may be inside a letter.
                    String name = new String(Files.readAllBytes(process.resolve("comm")), StandardCharsets.UTF_8);
                    return Optional.of(
                            new Owner(Long.parseLong(process.getFileName() + ""), name.strip(), found.listens()));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean holds(Path process, String wanted) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isLinkTo(descriptor, wanted)) {
                    return true;
                }
            }
        } catch (IOException | DirectoryIteratorException notOurs) {
            return false;
        }
        return false;
    }

    private static boolean isLinkTo(Path descriptor, String wanted) {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals(wanted);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }
}
