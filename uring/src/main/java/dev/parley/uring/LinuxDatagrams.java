package dev.parley.uring;

import dev.parley.net.transport.UnixDatagrams;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Sends Unix datagrams with Linux's system calls, without io_uring. {@link java.util.ServiceLoader} creates the
 * instance.
 */
public final class LinuxDatagrams implements UnixDatagrams {
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** Called by {@link java.util.ServiceLoader}. */
    public LinuxDatagrams() {}

    @Override
    public Optional<String> unavailable() {
        if (!Platform.isKnown()) {
            return Optional.of("that needs Linux, on amd64 or aarch64");
        }
        return LinuxDatagrams.class.getModule().isNativeAccessEnabled()
                ? Optional.empty()
                : Optional.of("native access is not enabled for dev.parley.uring (--enable-native-access)");
    }

    @Override
    public void send(String name, byte[] message) throws IOException {
        byte[] bytes = SocketNames.bytesOf(name);
        if (bytes.length == 0 || bytes.length > SocketNames.PATH_BYTES_MAX || bytes[0] != '/' && bytes[0] != '@') {
            throw new IOException("'" + name + "' is neither an absolute path nor an abstract name of a Unix socket");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Kernel.newErrno(arena);
            long fd = checked(Kernel.call(errno, Kernel.SOCKET, SocketNames.AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
            try {
                long to = arena.allocate(SocketNames.BYTES_MAX, 8).address();
                long from = arena.allocate(Math.max(1, message.length)).address();
                NativeMemory.copy(message, from);
                int length = write(bytes, to);
                checked(Kernel.call(errno, Kernel.SENDTO, fd, from, message.length, MSG_NOSIGNAL, to, length));
            } finally {
                Kernel.call(errno, Kernel.CLOSE, fd);
            }
        }
    }

    /** Writes the address and returns its length. An abstract name begins with a zero byte and has none at its end. */
    private static int write(byte[] name, long to) {
        boolean isAbstract = name[0] == '@';
        NativeMemory.fill(to, SocketNames.BYTES_MAX, (byte) 0);
        NativeMemory.putShort(to, (short) SocketNames.AF_UNIX);
        NativeMemory.copy(name, to + 2);
        if (isAbstract) {
            NativeMemory.fill(to + 2, 1, (byte) 0);
        }
        return 2 + name.length + (isAbstract ? 0 : 1);
    }

    private static long checked(long result) throws IOException {
        if (result < 0) {
            throw Sockets.failure("sendto", (int) -result);
        }
        return result;
    }
}
