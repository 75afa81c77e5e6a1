package dev.parley.uring;

import dev.parley.net.transport.PeerCredentials;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;

/**
 * The system calls on sockets that do not go through the ring, because they are rare or never wait: socket(2), bind(2),
 * setsockopt(2) and the like. Only one thread at a time may use an instance.
 */
final class Sockets {
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int STANDARD_INPUT = 0;
    private static final int FIRST_OF_OURS = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int O_RDWR = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_LINGER = 13;
    private static final int SO_PEERCRED = 17;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int SHUT_WR = 1;
    private static final int SHUT_RDWR = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SIOCOUTQ = 0x5411;
    private static final int UCRED_BYTES = 12; // pid, uid, gid
    private static final int SCRATCH_BYTES = 256;
    private static final int LENGTH_AT = SocketNames.BYTES_MAX;

    private final MemorySegment errno;
    private final long scratch;

    /** Creates an instance. Its memory belongs to the arena. */
    Sockets(Arena arena) {
        errno = Kernel.newErrno(arena);
        scratch = arena.allocate(SCRATCH_BYTES, 8).address();
    }

    private long call(int number, long a, long b, long c, long d, long e) {
        return Kernel.call(errno, number, a, b, c, d, e, 0);
    }

    private static void check(String call, long result) throws IOException {
        if (result < 0) {
            throw failure(call, (int) -result);
        }
    }

    /** Returns the exception that the JDK would throw for the same error. Its cause has the error number. */
    static IOException failure(String call, int errno) {
        String text = Kernel.text(errno);
        IOException failure =
                switch (errno) {
                    case 111, 110 -> new ConnectException(text);
                    case 113, 101 -> new NoRouteToHostException(text);
                    case 98, 99 -> new BindException(text);
                    default -> new SocketException(text);
                };
        failure.initCause(new SystemCallException(call, errno, text));
        return failure;
    }

    /** Opens a stream socket, and sets TCP_NODELAY and the sizes of its buffers. */
    int open(SocketAddress of, SocketOptions options) throws IOException {
        int family = SocketNames.family(of);
        if (family == SocketNames.AF_INET6 && Boolean.getBoolean("java.net.preferIPv4Stack")) {
            throw failure("socket", Kernel.EAFNOSUPPORT);
        }
        long fd = call(Kernel.SOCKET, family, SOCK_STREAM | SOCK_CLOEXEC, 0, 0, 0);
        check("socket", fd);
        try {
            configure((int) fd, of, options);
        } catch (IOException e) {
            close((int) fd);
            throw e;
        }
        return (int) fd;
    }

    /**
     * Duplicates the descriptor of standard input, which is a listening socket (fcntl(2)), and sets the same options.
     */
    int adopt(SocketOptions options) throws IOException {
        int fd = duplicate(STANDARD_INPUT);
        try {
            configure(fd, localAddress(fd), options);
        } catch (IOException e) {
            close(fd);
            throw e;
        }
        return fd;
    }

    /** Returns another descriptor of the same socket, which lives until all of its descriptors are closed. */
    int duplicate(int of) throws IOException {
        long fd = call(Kernel.FCNTL, of, F_DUPFD_CLOEXEC, FIRST_OF_OURS, 0, 0);
        check("fcntl", fd);
        return (int) fd;
    }

    /** Sets TCP_NODELAY and the sizes of the buffers, which the connections of a listening socket inherit. */
    private void configure(int fd, SocketAddress of, SocketOptions options) throws IOException {
        if (options.noDelay() && of instanceof InetSocketAddress) {
            set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        }
        if (options.receiveBufferBytes() > 0) {
            set(fd, SOL_SOCKET, SO_RCVBUF, options.receiveBufferBytes());
        }
        setSendBuffer(fd, options);
    }

    /** Sets the size of the buffer for sent bytes. */
    void setSendBuffer(int fd, SocketOptions options) throws IOException {
        if (options.sendBufferBytes() > 0) {
            set(fd, SOL_SOCKET, SO_SNDBUF, options.sendBufferBytes());
        }
    }

    private void set(int fd, int level, int option, int value) throws IOException {
        NativeMemory.putInt(scratch, value);
        check("setsockopt", call(Kernel.SETSOCKOPT, fd, level, option, scratch, 4));
    }

    void bind(int fd, SocketAddress to, SocketOptions options) throws IOException {
        if (to instanceof InetSocketAddress) {
            set(fd, SOL_SOCKET, SO_REUSEADDR, options.reuseAddress() ? 1 : 0);
            if (SocketNames.family(to) == SocketNames.AF_INET6) {
                set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
            }
        }
        int length = SocketNames.write(to, scratch);
        check("bind", call(Kernel.BIND, fd, scratch, length, 0, 0));
    }

    void listen(int fd, SocketOptions options) throws IOException {
        check("listen", call(Kernel.LISTEN, fd, options.backlogConnections(), 0, 0, 0));
    }

    SocketAddress localAddress(int fd) throws IOException {
        return name(Kernel.GETSOCKNAME, fd);
    }

    PeerName peerName(int fd) throws IOException {
        int length = askName(Kernel.GETPEERNAME, fd);
        if (SocketNames.isIpv4(scratch, length)) {
            return PeerName.ofIpv4(NativeMemory.getInt(scratch + 4), SocketNames.port(scratch));
        }
        SocketAddress peer = SocketNames.read(scratch, length);
        return peer instanceof UnixDomainSocketAddress ? PeerName.ofUnix(peer, peerCredentials(fd)) : PeerName.of(peer);
    }

    /** Returns who the process at the other end of a Unix socket is (SO_PEERCRED in unix(7)). */
    PeerCredentials peerCredentials(int fd) throws IOException {
        NativeMemory.putInt(scratch + LENGTH_AT, UCRED_BYTES);
        check("getsockopt", call(Kernel.GETSOCKOPT, fd, SOL_SOCKET, SO_PEERCRED, scratch, scratch + LENGTH_AT));
        return new PeerCredentials(
                Integer.toUnsignedLong(NativeMemory.getInt(scratch + 4)),
                Integer.toUnsignedLong(NativeMemory.getInt(scratch + 8)),
                NativeMemory.getInt(scratch));
    }

    private SocketAddress name(int which, int fd) throws IOException {
        return SocketNames.read(scratch, askName(which, fd));
    }

    private int askName(int which, int fd) throws IOException {
        NativeMemory.putInt(scratch + LENGTH_AT, SocketNames.BYTES_MAX);
        check("getsockname", call(which, fd, scratch, scratch + LENGTH_AT, 0, 0));
        return NativeMemory.getInt(scratch + LENGTH_AT);
    }

    /**
     * Connects a Unix socket, which never waits: either the connection is established, or the call fails, with {@code
     * EAGAIN} if the server's queue is full.
     */
    void connectNow(int fd, UnixDomainSocketAddress to) throws IOException {
        int length = SocketNames.write(to, scratch);
        check("fcntl", call(Kernel.FCNTL, fd, F_SETFL, O_RDWR | SOCK_NONBLOCK, 0, 0));
        check("connect", call(Kernel.CONNECT, fd, scratch, length, 0, 0));
        check("fcntl", call(Kernel.FCNTL, fd, F_SETFL, O_RDWR, 0, 0));
    }

    /** Sends the bytes that the socket takes now, and returns their number, which is 0 if it takes none. */
    int sendNow(int fd, long address, int count) throws IOException {
        long sent = call(Kernel.SENDTO, fd, address, count, MSG_DONTWAIT | MSG_NOSIGNAL, 0);
        if (sent == -Kernel.EAGAIN) {
            return 0;
        }
        check("send", sent);
        return (int) sent;
    }

    /**
     * Receives the bytes that have arrived, and returns their number: 0 at the end of the stream, {@code -EAGAIN} if
     * none have arrived.
     */
    int receiveNow(int fd, long address, int count) throws IOException {
        long received = call(Kernel.RECVFROM, fd, address, count, MSG_DONTWAIT, 0);
        if (received != -Kernel.EAGAIN) {
            check("recv", received);
        }
        return (int) received;
    }

    /**
     * Returns the size of the bytes that were sent and not taken yet, which may include the kernel's own memory for
     * them (SIOCOUTQ); negative if the call fails.
     */
    long unsentBytes(int fd) {
        long refused = call(Kernel.IOCTL, fd, SIOCOUTQ, scratch, 0, 0);
        return refused < 0 ? refused : NativeMemory.getInt(scratch);
    }

    void shutdownOutput(int fd) throws IOException {
        check("shutdown", call(Kernel.SHUTDOWN, fd, SHUT_WR, 0, 0, 0));
    }

    /** Ends both directions. A failure is ignored, because then they have already ended. */
    void shutdownBoth(int fd) {
        call(Kernel.SHUTDOWN, fd, SHUT_RDWR, 0, 0, 0);
    }

    /** Makes a close of this TCP socket send a reset (SO_LINGER with 0 seconds, socket(7)). */
    void resetOnClose(int fd) throws IOException {
        NativeMemory.putInt(scratch, 1);
        NativeMemory.putInt(scratch + 4, 0);
        check("setsockopt", call(Kernel.SETSOCKOPT, fd, SOL_SOCKET, SO_LINGER, scratch, 8));
    }

    /** Closes the descriptor. It is free afterwards, even if close(2) reports an error. */
    void close(int fd) {
        call(Kernel.CLOSE, fd, 0, 0, 0, 0);
    }
}
