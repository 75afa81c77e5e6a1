package dev.parley.uring;

import dev.parley.net.transport.ThreadPriorities;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sets the nice value of threads, which Linux keeps for each thread (setpriority(2), section C library/kernel
 * differences). {@link java.util.ServiceLoader} creates the instance.
 */
public final class LinuxThreadPriorities implements ThreadPriorities {
    private static final int PRIO_PROCESS = 0;
    private static final int THIS_THREAD = 0;

    /** A tenth of the weight of a thread with the usual nice value, 0. */
    private static final int LOW = 10;

    /** The system call returns this number minus the nice value, so that its result is not negative. */
    private static final int NICE_ZERO = 20;

    /** Called by {@link java.util.ServiceLoader}. */
    public LinuxThreadPriorities() {}

    @Override
    public void lower() {
        if (Platform.isKnown() && LinuxThreadPriorities.class.getModule().isNativeAccessEnabled()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment errno = Kernel.newErrno(arena);
                long now = Kernel.call(errno, Kernel.GETPRIORITY, PRIO_PROCESS, THIS_THREAD, 0);
                if (now > NICE_ZERO - LOW) {
                    Kernel.call(errno, Kernel.SETPRIORITY, PRIO_PROCESS, THIS_THREAD, LOW);
                }
            }
        }
    }
}
