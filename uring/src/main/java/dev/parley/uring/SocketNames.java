package dev.parley.uring;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;

/** Converts addresses to and from the kernel's form: struct sockaddr of ip(7), ipv6(7) and unix(7). */
final class SocketNames {
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    /** The size of the largest address: struct sockaddr_storage. */
    static final int BYTES_MAX = 128;

    /** The maximum length of the path of a Unix socket. A zero byte follows it, as for all programs in C. */
    static final int PATH_BYTES_MAX = 107;

    /** The character set of names of files, as the JDK uses it: a path is the same file over each transport. */
    private static final Charset OF_FILES =
            Charset.forName(System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name()));

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private SocketNames() {}

    static int family(SocketAddress address) {
        return switch (address) {
            case UnixDomainSocketAddress _ -> AF_UNIX;
            case InetSocketAddress inet -> inet.getAddress() instanceof Inet4Address ? AF_INET : AF_INET6;
            default -> throw new IllegalArgumentException("no socket has such an address: " + address);
        };
    }

    /**
     * Writes an address to memory of {@link #BYTES_MAX} bytes.
     *
     * @return its length
     */
    static int write(SocketAddress address, long to) throws IOException {
        NativeMemory.fill(to, BYTES_MAX, (byte) 0);
        NativeMemory.putShort(to, (short) family(address));
        return switch (address) {
            case UnixDomainSocketAddress unix -> writeUnix(unix, to);
            case InetSocketAddress inet -> writeInet(inet, to);
            default -> throw new IllegalArgumentException("no socket has such an address: " + address);
        };
    }

    private static int writeUnix(UnixDomainSocketAddress unix, long to) throws IOException {
        byte[] path = bytesOf(unix.getPath().toString());
        if (path.length > PATH_BYTES_MAX) {
            throw new IOException("Unix domain path too long");
        }
        NativeMemory.copy(path, to + 2);
        return 2 + path.length + 1;
    }

    /** Returns the name of a file, or an abstract name, as the kernel has it. */
    static byte[] bytesOf(String name) {
        return name.getBytes(OF_FILES);
    }

    private static int writeInet(InetSocketAddress inet, long to) {
        InetAddress ip = inet.getAddress();
        NativeMemory.putShort(to + 2, bigEndian((short) inet.getPort()));
        if (ip instanceof Inet6Address six) {
            NativeMemory.copy(six.getAddress(), to + 8);
            NativeMemory.putInt(to + 24, six.getScopeId());
            return 28;
        }
        NativeMemory.copy(ip.getAddress(), to + 4);
        return 16;
    }

    private static short bigEndian(short value) {
        return LITTLE ? Short.reverseBytes(value) : value;
    }

    /**
     * Reads an address of the given length. The address of a Unix socket without a name is the empty path, as in the
     * JDK.
     */
    static SocketAddress read(long from, int length) throws IOException {
        int family = length < 2 ? AF_UNIX : NativeMemory.getShort(from) & 0xffff;
        return switch (family) {
            case AF_UNIX -> readUnix(from, length);
            case AF_INET ->
                new InetSocketAddress(InetAddress.getByAddress(NativeMemory.bytes(from + 4, 4)), port(from));
            case AF_INET6 -> new InetSocketAddress(readSix(from), port(from));
            default -> throw new IOException("an address of the family " + family);
        };
    }

    static boolean isIpv4(long from, int length) {
        return length >= 16 && NativeMemory.getShort(from) == AF_INET;
    }

    static int port(long from) {
        return bigEndian(NativeMemory.getShort(from + 2)) & 0xffff;
    }

    /** Reads an IPv6 address. For an IPv4 address that an IPv6 socket reports, InetAddress returns an IPv4 address. */
    private static InetAddress readSix(long from) throws IOException {
        byte[] bytes = NativeMemory.bytes(from + 8, 16);
        int scope = NativeMemory.getInt(from + 24);
        return scope == 0 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, scope);
    }

    private static UnixDomainSocketAddress readUnix(long from, int length) throws IOException {
        int end = 2;
        while (end < length && NativeMemory.getByte(from + end) != 0) {
            end++;
        }
        int count = Math.max(0, end - 2);
        try {
            return UnixDomainSocketAddress.of(new String(NativeMemory.bytes(from + 2, count), OF_FILES));
        } catch (InvalidPathException unreadableName) {
            throw new IOException("a Unix socket with a name that is not text", unreadableName);
        }
    }
}
