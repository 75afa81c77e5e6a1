package dev.parley.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out which error the system means by the words of its error message. The JDK passes on these words, which are in
 * the system's language, but not the error number. If the words are not those of the C locale, this class causes each
 * error once on purpose, inside this host, and remembers the words that the system uses for the error. Any thread may
 * use this class.
 */
final class SystemMessages {
    private static final String MISSING = "No such file or directory";

    private static final Map<String, NetworkError> OF_THE_C_LOCALE = Map.ofEntries(
            Map.entry("Address already in use", NetworkError.ADDRESS_IN_USE),
            Map.entry("Cannot assign requested address", NetworkError.ADDRESS_NOT_HERE),
            Map.entry("Can't assign requested address", NetworkError.ADDRESS_NOT_HERE),
            Map.entry("Address family not supported", NetworkError.NO_SUCH_FAMILY),
            Map.entry("Address family not supported by protocol", NetworkError.NO_SUCH_FAMILY),
            Map.entry("Address family not supported by protocol family", NetworkError.NO_SUCH_FAMILY),
            Map.entry("Protocol family unavailable", NetworkError.NO_SUCH_FAMILY),
            Map.entry("Connection refused", NetworkError.REFUSED),
            Map.entry("Network is unreachable", NetworkError.UNREACHABLE),
            Map.entry("No route to host", NetworkError.UNREACHABLE),
            Map.entry("Permission denied", NetworkError.PERMISSION_DENIED),
            Map.entry("Operation not permitted", NetworkError.PERMISSION_DENIED),
            Map.entry(MISSING, NetworkError.NO_SUCH_PATH),
            Map.entry("Too many open files", NetworkError.TOO_MANY_OPEN_FILES),
            Map.entry("Too many open files in system", NetworkError.TOO_MANY_OPEN_FILES),
            Map.entry("Resource temporarily unavailable", NetworkError.BACKLOG_FULL),
            Map.entry("Connection timed out", NetworkError.TIMED_OUT),
            Map.entry("Operation timed out", NetworkError.TIMED_OUT),
            Map.entry("Connection reset", NetworkError.RESET),
            Map.entry("Connection reset by peer", NetworkError.RESET));

    /**
     * The words of this system. They are found out when this class is first used. This needs free descriptors, so a
     * loop that listens uses the class early, while some are free.
     */
    static final SystemMessages HERE = ofThisSystem();

    /** An action that always fails with the same error. */
    private interface Provocation {
        void run() throws IOException;
    }

    private final Map<String, NetworkError> known;

    /** True if the system's words are those of the C locale. */
    private final boolean plain;

    private SystemMessages(Map<String, NetworkError> known, boolean plain) {
        this.known = Map.copyOf(known);
        this.plain = plain;
    }

    /**
     * Returns the reason that the system means by these words; {@link NetworkError#OTHER} if the words are not known.
     */
    NetworkError networkError(String words) {
        NetworkError found = known.get(words);
        if (found != null) {
            return found;
        }
        return plain || !isSaidOfOpeningAFile(words) ? NetworkError.OTHER : NetworkError.TOO_MANY_OPEN_FILES;
    }

    /**
     * Returns true if a failed connect with unknown words may have timed out. This class cannot find out the words for
     * a time-out, because it cannot cause one on purpose.
     */
    boolean mayBeTimeout() {
        return !plain;
    }

    private static SystemMessages ofThisSystem() {
        var learned = new HashMap<>(OF_THE_C_LOCALE);
        String missing = words(() -> connectUnix(Path.of("/proc/self/there-is-no-such-file")));
        boolean plain = missing.isEmpty() || missing.equals(MISSING);
        if (!plain) {
            learned.put(missing, NetworkError.NO_SUCH_PATH);
            learn(learned);
        }
        return new SystemMessages(learned, plain);
    }

    private static void learn(Map<String, NetworkError> learned) {
        var provocations = List.of(
                Map.entry(NetworkError.ADDRESS_IN_USE, (Provocation) SystemMessages::bindTwice),
                Map.entry(NetworkError.ADDRESS_NOT_HERE, (Provocation) SystemMessages::bindElsewhere),
                Map.entry(NetworkError.UNREACHABLE, (Provocation) SystemMessages::connectToAll),
                Map.entry(NetworkError.RESET, (Provocation) SystemMessages::writeToReset),
                Map.entry(NetworkError.PERMISSION_DENIED, (Provocation) SystemMessages::broadcast),
                Map.entry(NetworkError.PERMISSION_DENIED, (Provocation) SystemMessages::linkDirectory),
                Map.entry(NetworkError.REFUSED, (Provocation) () -> connectUnix(Path.of("/dev/null"))),
                Map.entry(NetworkError.BACKLOG_FULL, (Provocation) SystemMessages::fillQueue));
        provocations.forEach(each -> learned.putIfAbsent(words(each.getValue()), each.getKey()));
        learned.remove("");
    }

    /**
     * Returns the system's words for the error; empty if the provocation does not fail, or the system does not support
     * it.
     */
    private static String words(Provocation provocation) {
        try {
            provocation.run();
            return "";
        } catch (FileSystemException e) {
            return e.getReason() == null ? "" : e.getReason();
        } catch (IOException e) {
            return e.getMessage() == null ? "" : e.getMessage();
        } catch (RuntimeException unsupported) {
            return "";
        }
    }

    private static InetSocketAddress loopback(int last) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last}), 0);
    }

    private static void bindTwice() throws IOException {
        try (var first = ServerSocketChannel.open(StandardProtocolFamily.INET).bind(loopback(1));
                var second = ServerSocketChannel.open(StandardProtocolFamily.INET)) {
            second.bind(first.getLocalAddress());
        }
    }

    /** Binds an address of RFC 5737, which no host has: EADDRNOTAVAIL. */
    private static void bindElsewhere() throws IOException {
        var elsewhere = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.INET)) {
            socket.bind(new InetSocketAddress(elsewhere, 0));
        }
    }

    private static InetSocketAddress everybodyOnLoopback() throws IOException {
        byte all = (byte) 255;
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, all, all, all}), 9);
    }

    /** Connects to the broadcast address over TCP, which has no broadcast: ENETUNREACH. */
    private static void connectToAll() throws IOException {
        try (var socket = SocketChannel.open(StandardProtocolFamily.INET)) {
            socket.configureBlocking(false);
            socket.connect(everybodyOnLoopback());
        }
    }

    /** Connects to the broadcast address over UDP, without the option SO_BROADCAST that this needs: EACCES. */
    private static void broadcast() throws IOException {
        try (var socket = DatagramChannel.open(StandardProtocolFamily.INET)) {
            socket.connect(everybodyOnLoopback());
        }
    }

    private static void writeToReset() throws IOException {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.INET).bind(loopback(1));
                var client = SocketChannel.open(server.getLocalAddress())) {
            try (var peer = server.accept()) {
                peer.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            client.write(ByteBuffer.allocate(1));
        }
    }

    /** Creates a hard link to a directory, which link(2) refuses to all users: EPERM. */
    private static void linkDirectory() throws IOException {
        Path directory = Files.createTempDirectory("p");
        try {
            Files.deleteIfExists(Files.createLink(directory.resolve("l"), directory));
        } finally {
            Files.deleteIfExists(directory);
        }
    }

    private static void connectUnix(Path path) throws IOException {
        try (var socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.connect(UnixDomainSocketAddress.of(path));
        }
    }

    private static void fillQueue() throws IOException {
        Path directory = Files.createTempDirectory("p");
        Path path = directory.resolve("s");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            SocketAddress endpoint =
                    server.bind(UnixDomainSocketAddress.of(path), 1).getLocalAddress();
            try (var first = newUnix();
                    var second = newUnix();
                    var third = newUnix()) {
                first.connect(endpoint);
                second.connect(endpoint);
                third.connect(endpoint);
            }
        } finally {
            Files.deleteIfExists(path);
            Files.deleteIfExists(directory);
        }
    }

    private static SocketChannel newUnix() throws IOException {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        socket.configureBlocking(false);
        return socket;
    }

    /**
     * Tries to open a file, and returns true if this fails with these words. If a process has no descriptor left,
     * opening a file fails with the same error as opening a socket.
     */
    private static boolean isSaidOfOpeningAFile(String words) {
        return words(() -> FileChannel.open(Path.of("/dev/null"), StandardOpenOption.READ)
                        .close())
                .equals(words);
    }
}
