package dev.parley.uring;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Map;

/**
 * Makes Linux's system calls. All of them go through syscall(2), so only one native function is linked, once. A call
 * returns the kernel's result, or {@code -errno} if it fails.
 *
 * <p>The caller passes memory for errno; threads that call at the same time need different memory. This class may only
 * be used if {@link Platform#isKnown} returns true.
 */
final class Kernel {
    static final int EPERM = 1;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EINVAL = 22;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int EPIPE = 32;
    static final int ENOSYS = 38;
    static final int ETIME = 62;
    static final int EAFNOSUPPORT = 97;
    static final int ECONNRESET = 104;
    static final int ENOBUFS = 105;
    static final int ECANCELED = 125;

    static final int IO_URING_SETUP = 425;
    static final int IO_URING_ENTER = 426;
    static final int IO_URING_REGISTER = 427;
    static final int MMAP = number(9, 222);
    static final int MUNMAP = number(11, 215);
    static final int WRITE = number(1, 64);
    static final int CLOSE = number(3, 57);
    static final int IOCTL = number(16, 29);
    static final int SOCKET = number(41, 198);
    static final int CONNECT = number(42, 203);
    static final int SENDTO = number(44, 206);
    static final int RECVFROM = number(45, 207);
    static final int SHUTDOWN = number(48, 210);
    static final int BIND = number(49, 200);
    static final int LISTEN = number(50, 201);
    static final int GETSOCKNAME = number(51, 204);
    static final int GETPEERNAME = number(52, 205);
    static final int SETSOCKOPT = number(54, 208);
    static final int GETSOCKOPT = number(55, 209);
    static final int FCNTL = number(72, 25);
    static final int GETPRIORITY = number(140, 141);
    static final int SETPRIORITY = number(141, 140);
    static final int EVENTFD2 = number(290, 19);

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(StructLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = link();

    private Kernel() {}

    private static int number(int x86, int arm) {
        return Platform.isArm() ? arm : x86;
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().findOrThrow("syscall");
        var shape = FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG);
        return linker.downcallHandle(address, shape, Linker.Option.captureCallState("errno"));
    }

    /** Allocates memory for errno in the arena. */
    static MemorySegment newErrno(Arena arena) {
        return arena.allocate(STATE);
    }

    static long call(MemorySegment errno, int number, long a, long b, long c, long d, long e, long f) {
        long result;
        try {
            result = (long) SYSCALL.invokeExact(errno, (long) number, a, b, c, d, e, f);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
        return result == -1 ? -(int) ERRNO.get(errno, 0L) : result;
    }

    static long call(MemorySegment errno, int number, long a, long b, long c) {
        return call(errno, number, a, b, c, 0, 0, 0);
    }

    static long call(MemorySegment errno, int number, long a) {
        return call(errno, number, a, 0, 0, 0, 0, 0);
    }

    private static final Map<Integer, String> TEXTS = Map.ofEntries(
            Map.entry(1, "Operation not permitted"),
            Map.entry(2, "No such file or directory"),
            Map.entry(9, "Bad file descriptor"),
            Map.entry(11, "Resource temporarily unavailable"),
            Map.entry(12, "Cannot allocate memory"),
            Map.entry(13, "Permission denied"),
            Map.entry(16, "Device or resource busy"),
            Map.entry(20, "Not a directory"),
            Map.entry(22, "Invalid argument"),
            Map.entry(23, "Too many open files in system"),
            Map.entry(24, "Too many open files"),
            Map.entry(32, "Broken pipe"),
            Map.entry(38, "Function not implemented"),
            Map.entry(91, "Protocol wrong type for socket"),
            Map.entry(97, "Address family not supported by protocol"),
            Map.entry(98, "Address already in use"),
            Map.entry(99, "Cannot assign requested address"),
            Map.entry(100, "Network is down"),
            Map.entry(101, "Network is unreachable"),
            Map.entry(103, "Software caused connection abort"),
            Map.entry(104, "Connection reset"),
            Map.entry(105, "No buffer space available"),
            Map.entry(107, "Transport endpoint is not connected"),
            Map.entry(110, "Connection timed out"),
            Map.entry(111, "Connection refused"),
            Map.entry(112, "Host is down"),
            Map.entry(113, "No route to host"),
            Map.entry(125, "Operation canceled"));

    /** Returns the text that errno(3) has for the number, in English. */
    static String text(int errno) {
        String known = TEXTS.get(errno);
        return known == null ? "errno " + errno : known;
    }
}
